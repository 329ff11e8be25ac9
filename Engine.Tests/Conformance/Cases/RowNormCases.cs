using Engine.Core;

namespace Engine.Tests.Conformance;

public sealed class RowNormCases : IOpCases
{
    public static IEnumerable<OpCase> All() => [.. Layer(), .. Group()];

    private static IEnumerable<OpCase> Layer()
    {
        // Around a vector and two, one number a row, one row, no axis but the last.
        int[][] shapes = [[3, 1], [1, 7], [5], [3, 15], [2, 16], [5, 17], [2, 3, 31], [2, 33], [3, 64], [2, 2, 70]];
        foreach (int[] shape in shapes)
        {
            string name = new Shape(shape).ToString();
            int c = shape[^1];
            double epsilon = c == 1 ? 0.5 : 1e-5;                   // one number has no variance, and 1/√ε would blow up each rounding
            yield return new($"LayerNorm {name}", x => x[0].LayerNorm(x[1], x[2], epsilon), Arg.Any(shape), Arg.Any(c), Arg.Any(c));
            yield return new($"LayerNorm {name}, no parameters", x => x[0].LayerNorm(epsilon: epsilon), Arg.Any(shape));
            yield return new($"RmsNorm {name}", x => x[0].RmsNorm(x[1], epsilon), Arg.Any(shape), Arg.Any(c));
            yield return new($"AddLayerNorm {name}", x => x[0].AddLayerNorm(x[1], x[2], x[3], epsilon), Arg.Any(shape), Arg.Any(shape), Arg.Any(c), Arg.Any(c));
            yield return new($"AddLayerNorm and its sum {name}", x => Both(x, epsilon), Arg.Any(shape), Arg.Any(shape), Arg.Any(c), Arg.Any(c));
        }
        yield return new("LayerNorm, weight alone", x => x[0].LayerNorm(x[1]), Arg.Any(3, 18), Arg.Any(18));
        yield return new("LayerNorm, bias alone", x => x[0].LayerNorm(null, x[1]), Arg.Any(3, 18), Arg.Any(18));
        yield return new("LayerNorm, constant weight", x => x[0].LayerNorm(x[1], x[2]), Arg.Any(3, 18), Arg.Any(18).Constant, Arg.Any(18).Constant);
        yield return new("LayerNorm, constant input", x => x[0].LayerNorm(x[1], x[2]), Arg.Any(3, 18).Constant, Arg.Any(18), Arg.Any(18));
        yield return new("LayerNorm, large epsilon", x => x[0].LayerNorm(x[1], x[2], 0.5), Arg.Any(3, 18), Arg.Any(18), Arg.Any(18));
        yield return new("AddLayerNorm, no gradient", x => x[0].AddLayerNorm(x[1], x[2]), Arg.Any(3, 18).Constant, Arg.Any(3, 18).Constant, Arg.Any(18).Constant) { HasGradient = false };
        yield return new("AddLayerNorm of itself", x => x[0].AddLayerNorm(x[0], x[1]), Arg.Any(3, 18), Arg.Any(18));
        yield return new("RmsNorm, no weight", x => x[0].RmsNorm(), Arg.Any(3, 18));
        yield return new("LayerNorm, no rows", x => x[0].LayerNorm(x[1], x[2]), Arg.Any(0, 3), Arg.Any(3), Arg.Any(3));
        yield return new("LayerNorm, no columns", x => x[0].LayerNorm(x[1], x[2]), Arg.Any(3, 0), Arg.Any(0), Arg.Any(0));
        // Several chunks of rows; very many; rows longer than a chunk. (RowNormTests has more chunks than slots.)
        yield return new("LayerNorm many rows", x => x[0].LayerNorm(x[1], x[2]), Arg.Any(600, 40), Arg.Any(40), Arg.Any(40)) { Emulate = false };
        yield return new("LayerNorm very many rows", x => x[0].LayerNorm(x[1], x[2]), Arg.Any(70000, 3), Arg.Any(3), Arg.Any(3)) { Emulate = false, HasGradient = false };
        yield return new("LayerNorm long rows", x => x[0].LayerNorm(x[1], x[2]), Arg.Any(2, 16400), Arg.Any(16400), Arg.Any(16400)) { Emulate = false };
        yield return new("RmsNorm many rows", x => x[0].RmsNorm(x[1]), Arg.Any(65, 513), Arg.Any(513)) { Emulate = false };
    }

    private static IEnumerable<OpCase> Group()
    {
        (int Groups, int[] Shape)[] all = [(1, [2, 1]), (2, [3, 4]), (3, [5, 51]), (1, [2, 3, 1, 1]), (2, [2, 4, 5]), (4, [1, 4, 3, 5]), (1, [2, 3, 4, 4]), (3, [2, 6, 17]), (2, [3, 2, 33])];
        foreach (var (groups, shape) in all)
        {
            string name = $"{groups} of {new Shape(shape)}";
            yield return new($"GroupNorm {name}", x => x[0].GroupNorm(groups, x[1], x[2]), Arg.Any(shape), Arg.Any(shape[1]), Arg.Any(shape[1]));
            yield return new($"GroupNorm {name}, no parameters", x => x[0].GroupNorm(groups), Arg.Any(shape));
        }
        yield return new("GroupNorm, bias alone", x => x[0].GroupNorm(2, null, x[1]), Arg.Any(2, 4, 5), Arg.Any(4));
        yield return new("GroupNorm, weight alone", x => x[0].GroupNorm(2, x[1]), Arg.Any(2, 4, 5), Arg.Any(4));
        yield return new("GroupNorm, no rows", x => x[0].GroupNorm(2, x[1], x[2]), Arg.Any(0, 4, 3), Arg.Any(4), Arg.Any(4));
        yield return new("GroupNorm, no positions", x => x[0].GroupNorm(2, x[1], x[2]), Arg.Any(2, 4, 0), Arg.Any(4), Arg.Any(4));
        yield return new("GroupNorm over a grain", x => x[0].GroupNorm(2, x[1], x[2]), Arg.Any(2, 4, 90, 100), Arg.Any(4), Arg.Any(4)) { Emulate = false, HasGradient = false };
        yield return new("GroupNorm many rows", x => x[0].GroupNorm(2, x[1], x[2]), Arg.Any(130, 8), Arg.Any(8), Arg.Any(8)) { Emulate = false };
    }

    private static Tensor Both(Tensor[] x, double epsilon)
    {
        var y = x[0].AddLayerNorm(x[1], x[2], x[3], out var sum, epsilon);
        return Tensor.Stack([y, sum * sum]);
    }
}
