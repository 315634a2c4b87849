// A lease exists once, so that of all who ask for it one gets it.
CREATE CONSTRAINT maintenance_lease_name IF NOT EXISTS
FOR (lease:MaintenanceLease) REQUIRE lease.name IS UNIQUE;
