using Engine.Core;
using Engine.Kernels;

namespace Engine.Tests.Conformance;

public sealed class MovementCases : IOpCases
{
    public static IEnumerable<OpCase> All()
    {
        // Around the CPU's tile of 16 and its block of 64, and the GPU's tile of 32.
        foreach (var (m, n) in new[] { (0, 3), (1, 1), (1, 5), (2, 40), (3, 15), (20, 4), (5, 6), (7, 9), (12, 13), (15, 17), (16, 16), (17, 33), (31, 33), (32, 32) })
            yield return new($"Transpose {m}x{n}", x => x[0].Transpose(0, 1), Arg.Any(m, n));
        foreach (var (m, n) in new[] { (63, 65), (64, 64), (129, 130) })
            yield return new($"Transpose {m}x{n}", x => x[0].Transpose(), Arg.Any(m, n)) { Emulate = false };
        yield return new("Transpose of batches", x => x[0].Transpose(), Arg.Any(3, 17, 18));
        yield return new("Permute 0213", x => x[0].Permute(0, 2, 1, 3), Arg.Any(2, 3, 4, 5));
        yield return new("Permute 0231", x => x[0].Permute(0, 2, 3, 1), Arg.Any(2, 3, 4, 5));
        yield return new("Permute 0312", x => x[0].Permute(0, -1, 1, 2), Arg.Any(2, 3, 4, 5));
        yield return new("Permute of six axes", x => x[0].Permute(5, 3, 4, 0, 2, 1), Arg.Any(2, 3, 2, 3, 2, 2));
        yield return new("Permute of seven axes, two together", x => x[0].Permute(6, 4, 5, 1, 3, 2, 0), Arg.Any(2, 1, 2, 3, 2, 2, 2));
        yield return new("Permute in order", x => x[0].Permute(0, 1), Arg.Any(3, 4));
        yield return new("Permute of a scalar", x => x[0].Permute(), Arg.Any());
        yield return new("Permute of bytes", x => x[0].Permute(2, 0, 1), Arg.Flags(5, 17, 18)) { HasGradient = false };
        yield return new("Permute of integers", x => x[0].Permute(2, 0, 1), Arg.Indices(100, 5, 17, 18)) { HasGradient = false };
        yield return new("Permute of halves", x => Halves(x[0].Device, 17, 33).Permute(1, 0), Arg.Any().Constant) { HasGradient = false };

        yield return new("BroadcastTo row", x => x[0].BroadcastTo([3, 5]), Arg.Any(5));
        yield return new("BroadcastTo column", x => x[0].BroadcastTo([3, 17]), Arg.Any(3, 1));
        yield return new("BroadcastTo middle", x => x[0].BroadcastTo([2, 3, 4, 5]), Arg.Any(3, 1, 5));
        yield return new("BroadcastTo from a scalar", x => x[0].BroadcastTo([3, 5]), Arg.Any());
        yield return new("BroadcastTo the same", x => x[0].BroadcastTo([3, 5]), Arg.Any(3, 5));
        yield return new("BroadcastTo nothing", x => x[0].BroadcastTo([0, 5]), Arg.Any(5));

        yield return new("Slice of the leading axis", x => x[0][1..3], Arg.Any(4, 5));
        yield return new("Slice, one index", x => x[0][^1], Arg.Any(4, 5));
        yield return new("Slice, one index and a range", x => x[0][1, 1..3], Arg.Any(4, 5, 3));
        yield return new("Slice of the second axis", x => x[0][.., 1..3], Arg.Any(4, 5));
        yield return new("Slice of the last column", x => x[0][.., ^1], Arg.Any(4, 5));
        yield return new("Slice of three axes", x => x[0][1..^1, 2, ..2], Arg.Any(4, 5, 3));
        yield return new("Slice of nothing", x => x[0][.., 2..2], Arg.Any(4, 5));
        yield return new("Slice down to a scalar", x => x[0][1, 2], Arg.Any(4, 5));
        yield return new("Slice of a slice", x => x[0][1..][.., 1..][1], Arg.Any(4, 5));
        yield return new("Slice over a grain", x => x[0][.., 1..], Arg.Any(3, 16387)) { Emulate = false };
        yield return new("Slice of bytes", x => x[0][.., 1..4], Arg.Flags(4, 5)) { HasGradient = false };
        yield return new("Narrow", x => x[0].Narrow(-1, 1, 3), Arg.Any(3, 5));

        yield return new("Concat", x => Tensor.Concat(x), Arg.Any(2, 3), Arg.Any(1, 3), Arg.Any(4, 3));
        yield return new("Concat along the last axis", x => Tensor.Concat(x, -1), Arg.Any(2, 3), Arg.Any(2, 0), Arg.Any(2, 17));
        yield return new("Concat along the middle axis", x => Tensor.Concat(x, 1), Arg.Any(2, 3, 4), Arg.Any(2, 1, 4));
        yield return new("Concat of one", x => Tensor.Concat(x), Arg.Any(2, 3));
        yield return new("Concat of a constant", x => Tensor.Concat(x, 1), Arg.Any(2, 3), Arg.Any(2, 2).Constant);
        yield return new("Concat of one tensor twice", x => Tensor.Concat([x[0], x[0]], 1), Arg.Any(2, 3));
        yield return new("Split", x => x[0].Split(1, 1, 4, 2)[1], Arg.Any(3, 7));
        yield return new("Split, all parts", x => Tensor.Concat(x[0].Split(1, 1, 0, 6), 1), Arg.Any(3, 7));

        yield return new("Clone", x => x[0].Clone(), Arg.Any(3, 5));
        yield return new("Clone of bytes", x => x[0].Clone(), Arg.Flags(17)) { HasGradient = false };
        yield return new("Flatten", x => x[0].Flatten(1), Arg.Any(2, 3, 4));
        yield return new("Squeeze", x => x[0].Squeeze(1), Arg.Any(2, 1, 4));
        yield return new("Unsqueeze", x => x[0].Unsqueeze(-1), Arg.Any(2, 4));
    }

    private static Tensor Halves(Device device, int rows, int columns)
    {
        var values = new double[rows * columns];
        for (int i = 0; i < values.Length; i++) values[i] = i;
        return TypedTensors.Make(values, [rows, columns], DType.Float16, device);
    }
}
