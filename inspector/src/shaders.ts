// How nodes and edges become pixels. One vertex a node and none for what cannot be seen while the picture moves:
// drawn in software, this decides how fluently thousands of nodes follow the hand.
import { EdgeLineProgram, EdgeRectangleProgram, NodePointProgram } from "sigma/rendering";
import type { ProgramInfo } from "sigma/rendering";
import type { RenderParams } from "sigma/types";

interface Motion {
  /** Whether the picture moves. */
  moving: boolean;
  /** Whether there is so much that edges wait until it stands still. */
  large: boolean;
}

export function shaders(motion: Motion) {
  class Points extends NodePointProgram {
    protected override renderProgram(params: RenderParams, program: ProgramInfo): void {
      // Nobody points at a node while the picture moves, so it need not be found.
      if (!(program.isPicking && motion.moving)) super.renderProgram(params, program);
    }
  }
  class Hairs extends EdgeLineProgram {
    override render(params: RenderParams): void {
      if (!(motion.large && motion.moving)) super.render(params);
    }
  }
  class Lines extends EdgeRectangleProgram {
    override render(params: RenderParams): void {
      if (!(motion.large && motion.moving)) super.render(params);
    }
  }
  return { node: Points, hair: Hairs, line: Lines };
}
