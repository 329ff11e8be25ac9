using Engine.Core;
using Engine.Kernels;

namespace Engine.Tests.Conformance;

public sealed class Conv1dCases : IOpCases
{
    public static IEnumerable<OpCase> All()
    {
        yield return Conv("one step", [1, 1, 1], [1, 1, 1]);
        yield return Conv("no sequence", [0, 2, 4], [3, 2, 3]);
        yield return Conv("3", [2, 2, 7], [3, 2, 3]);
        yield return Conv("1", [2, 5, 4], [4, 5, 1]);
        yield return Conv("an even window, padded by its size less 1", [2, 3, 5], [4, 3, 4], padding: 3);
        yield return Conv("a window longer than the sequence, padded", [2, 2, 1], [3, 2, 5], padding: 4);
        yield return Conv("stride", [1, 2, 9], [3, 2, 3], stride: 2);
        yield return Conv("stride larger than the window", [1, 2, 9], [2, 2, 2], stride: 3);
        yield return Conv("dilation", [1, 2, 9], [2, 2, 3], dilation: 3);
        yield return Conv("stride, padding, dilation", [2, 2, 8], [3, 2, 3], stride: 2, padding: 2, dilation: 2);
        yield return Conv("2 groups", [2, 4, 6], [6, 2, 3], padding: 1, groups: 2);
        yield return Conv("depthwise", [2, 3, 7], [3, 1, 3], padding: 1, groups: 3);
        yield return Conv("window of the whole sequence", [2, 2, 5], [3, 2, 5]);
        yield return new("Conv1d bias", x => x[0].Conv1d(x[1], x[2]), Arg.Any(2, 2, 6), Arg.Any(3, 2, 3), Arg.Any(3));
        foreach (var activation in Enum.GetValues<Activation>().Where(a => a != Activation.None))
            yield return new($"Conv1d bias, {activation}", x => x[0].Conv1d(x[1], x[2], activation: activation), Arg.Any(2, 2, 6), Arg.Any(3, 2, 3), Arg.Any(3));
        // One below, at and one above the CPU's vectors and tiles, along the filters and along the steps.
        foreach (var (k, c, q) in new[] { (7, 1, 15), (8, 2, 16), (9, 3, 17), (15, 5, 31), (16, 4, 32), (17, 1, 33) })
            yield return Conv($"{c} to {k}, {q} steps", [2, c, q + 2], [k, c, 3]) with { Emulate = false, Tolerance = 1e-4 };
        // The GPU's tiles: 63, 64, 65 filters.
        foreach (int k in new[] { 63, 64, 65 })
            yield return Conv($"{k} filters of 16 channels", [3, 16, 31], [k, 16, 3], padding: 1) with { Emulate = false, Tolerance = 3e-4 };
        yield return Conv("a text's", [3, 300, 21], [100, 300, 5], padding: 4) with { Emulate = false, Tolerance = 1e-3, HasGradient = false };
        yield return Conv("a sound's", [1, 3, 1100], [9, 3, 9], padding: 4) with { Emulate = false, Tolerance = 3e-4 };
    }

    private static OpCase Conv(string name, int[] x, int[] w, int stride = 1, int padding = 0, int dilation = 1, int groups = 1)
        => new("Conv1d " + name, t => t[0].Conv1d(t[1], null, stride, padding, dilation, groups), Arg.Any(x), Arg.Any(w)) { Tolerance = 5e-5 };
}
