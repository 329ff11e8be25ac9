using Engine.Core;
using Engine.Kernels;

namespace Engine.Tests.Conformance;

public sealed class ConvTranspose2dCases : IOpCases
{
    public static IEnumerable<OpCase> All()
    {
        yield return Conv("one pixel", [1, 1, 1, 1], [1, 1, 1, 1]);
        yield return Conv("no image", [0, 2, 4, 4], [2, 3, 3, 3]);
        yield return Conv("no channel", [2, 0, 3, 3], [0, 3, 2, 2]);
        yield return Conv("3x3", [2, 2, 4, 5], [2, 3, 3, 3]);
        yield return Conv("1x1, stride 2", [2, 3, 3, 4], [3, 2, 1, 1], stride: 2);
        yield return Conv("2x2, stride 2", [2, 3, 3, 4], [3, 2, 2, 2], stride: 2);
        yield return Conv("padding", [1, 2, 4, 5], [2, 3, 3, 3], padding: 1);
        yield return Conv("padding larger than the window", [1, 2, 5, 4], [2, 2, 2, 1], padding: (2, 1));
        yield return Conv("stride 2, padding, outputPadding", [1, 2, 4, 3], [2, 3, 3, 3], stride: 2, padding: 1, outputPadding: 1);
        yield return Conv("stride, padding, outputPadding each way", [2, 2, 4, 3], [2, 3, 3, 4], stride: (2, 3), padding: (1, 2), outputPadding: (0, 2));
        yield return Conv("dilation", [1, 2, 4, 3], [2, 2, 3, 2], dilation: (2, 3));
        yield return Conv("outputPadding over the stride, under the dilation", [1, 2, 3, 3], [2, 2, 3, 2], padding: 2, outputPadding: (2, 1), dilation: 3);
        yield return Conv("2 groups", [2, 4, 3, 4], [4, 3, 3, 3], stride: 2, padding: 1, groups: 2);
        yield return Conv("depthwise", [2, 3, 3, 4], [3, 1, 3, 3], stride: 2, groups: 3);
        yield return Conv("depthwise, two filters a channel", [1, 3, 3, 4], [3, 2, 2, 3], groups: 3);
        yield return new("ConvTranspose2d bias", x => x[0].ConvTranspose2d(x[1], x[2], stride: 2), Arg.Any(2, 2, 3, 4), Arg.Any(2, 3, 3, 3), Arg.Any(3));
        foreach (var activation in Enum.GetValues<Activation>().Where(a => a != Activation.None))
            yield return new($"ConvTranspose2d bias, {activation}", x => x[0].ConvTranspose2d(x[1], x[2], activation: activation), Arg.Any(2, 2, 3, 3), Arg.Any(2, 3, 2, 2), Arg.Any(3));
        // Around the CPU's tile of 8 filters and its vector of 16 pixels, and the GPU's tile of 64.
        foreach (var (c, k, q) in new[] { (7, 1, 15), (8, 9, 16), (9, 17, 17), (16, 4, 31), (17, 3, 33) })
            yield return Conv($"{c} to {k}, {q} wide", [2, c, 4, q], [c, k, 3, 3], stride: 2, padding: 1, outputPadding: 1) with { Emulate = false, Tolerance = 1e-4 };
        foreach (int k in new[] { 63, 65 })
            yield return Conv($"16 channels to {k}", [2, 16, 6, 7], [16, k, 4, 4], stride: 2, padding: 1) with { Emulate = false, Tolerance = 3e-4 };
    }

    private static OpCase Conv(string name, int[] x, int[] w, Pair? stride = null, Pair? padding = null, Pair? outputPadding = null, Pair? dilation = null, int groups = 1)
        => new("ConvTranspose2d " + name, t => t[0].ConvTranspose2d(t[1], null, stride, padding, outputPadding, dilation, groups), Arg.Any(x), Arg.Any(w)) { Tolerance = 5e-5 };
}
