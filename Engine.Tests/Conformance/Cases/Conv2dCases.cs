using Engine.Core;
using Engine.Kernels;

namespace Engine.Tests.Conformance;

public sealed class Conv2dCases : IOpCases
{
    public static IEnumerable<OpCase> All()
    {
        yield return Conv("one pixel", [1, 1, 1, 1], [1, 1, 1, 1]);
        yield return Conv("no image", [0, 2, 4, 4], [3, 2, 3, 3]);
        yield return Conv("3x3", [2, 2, 5, 6], [3, 2, 3, 3]);
        yield return Conv("1x1", [2, 5, 3, 4], [4, 5, 1, 1]);
        yield return Conv("1x1, stride 2", [2, 3, 5, 5], [4, 3, 1, 1], stride: 2);
        yield return Conv("padding", [1, 2, 4, 5], [3, 2, 3, 3], padding: 1);
        yield return Conv("padding wider than the image", [1, 1, 2, 2], [2, 1, 3, 3], padding: 3);
        yield return Conv("stride", [1, 2, 7, 8], [3, 2, 3, 2], stride: (2, 3));
        yield return Conv("stride larger than the window", [1, 2, 7, 7], [2, 2, 2, 2], stride: 3);
        yield return Conv("dilation", [1, 2, 7, 8], [2, 2, 3, 2], dilation: (2, 3));
        yield return Conv("stride, padding, dilation", [2, 2, 6, 7], [3, 2, 2, 3], stride: (2, 1), padding: (1, 2), dilation: (2, 1));
        yield return Conv("2 groups", [2, 4, 4, 5], [6, 2, 3, 3], padding: 1, groups: 2);
        yield return Conv("depthwise", [2, 3, 5, 5], [3, 1, 3, 3], padding: 1, groups: 3);
        yield return Conv("depthwise, two filters a channel, stride 2", [1, 3, 6, 5], [6, 1, 3, 3], stride: 2, padding: 1, groups: 3);
        yield return Conv("window of the whole image", [2, 2, 3, 4], [3, 2, 3, 4]);
        yield return new("Conv2d bias", x => x[0].Conv2d(x[1], x[2]), Arg.Any(2, 2, 4, 4), Arg.Any(3, 2, 3, 3), Arg.Any(3));
        foreach (var activation in Enum.GetValues<Activation>().Where(a => a != Activation.None))
            yield return new($"Conv2d bias, {activation}", x => x[0].Conv2d(x[1], x[2], activation: activation), Arg.Any(2, 2, 4, 4), Arg.Any(3, 2, 3, 3), Arg.Any(3));
        foreach (int k in new[] { 9, 16 })
        {
            var bias = new Arg([k], DType.Float32, (u, i) => i % 7 == 3 ? float.NaN : u - 0.5f, false);
            yield return new($"Conv2d of {k} channels, NaN in the bias, relu", x => x[0].Conv2d(x[1], x[2], activation: Activation.Relu), Arg.Any(1, k, 6, 7), Arg.Any(k, k, 3, 3), bias)
            { HasGradient = false, Tolerance = 1e-4 };
        }
        // One below, at and one above the CPU's tile of 8 filters, its vector of 16 pixels and pairs of them.
        foreach (var (k, c, q) in new[] { (7, 1, 15), (8, 2, 16), (9, 3, 17), (15, 5, 31), (16, 4, 32), (17, 1, 33), (31, 3, 10), (33, 4, 5) })
            yield return Conv($"{c} to {k}, {q} wide", [2, c, 4, q + 2], [k, c, 3, 3]) with { Emulate = false, Tolerance = 1e-4 };
        // The GPU's tiles: groups of 8 filters and more, and fewer; 15, 16, 17 on the emulator, 63, 64, 65 on the others.
        foreach (int k in new[] { 7, 8, 15, 16, 17 })
            yield return Conv($"{k} filters of {k} channels", [1, k, 4, 5], [k, k, 2, 2], padding: 1);
        yield return Conv("2 groups of 9 filters of 8 channels", [2, 16, 3, 4], [18, 8, 2, 3], stride: (1, 2), padding: 1, groups: 2);
        foreach (int k in new[] { 63, 64, 65 })
            yield return Conv($"{k} filters of 16 channels", [3, 16, 9, 8], [k, 16, 3, 3], padding: 1) with { Emulate = false, Tolerance = 3e-4 };
        yield return Conv("the article's second", [32, 32, 13, 13], [64, 32, 3, 3]) with { Emulate = false, Tolerance = 1e-3, HasGradient = false };
        yield return Conv("depthwise 33 wide", [2, 3, 9, 33], [3, 1, 3, 3], padding: 1, groups: 3) with { Emulate = false };
        yield return Conv("depthwise 5x5, stride 2, 40 wide", [1, 2, 9, 40], [2, 1, 5, 5], stride: 2, padding: 2, groups: 2) with { Emulate = false };
        yield return Conv("many taps", [1, 70, 5, 6], [9, 70, 3, 3], padding: 1) with { Emulate = false, Tolerance = 3e-4 };
        yield return Conv("many pixels", [1, 3, 40, 41], [10, 3, 3, 3], padding: 1) with { Emulate = false, Tolerance = 3e-4 };
        yield return Conv("many images", [37, 2, 5, 5], [9, 2, 3, 3]) with { Emulate = false, Tolerance = 3e-4 };
        // The CPU's Winograd tiles of 4x4 and strips of 32 channels, and the other kernels beside them: either side of 16 channels, every padding.
        foreach (var (n, c, k, h, w, padding) in new[] { (0, 16, 16, 6, 6, 1), (1, 16, 16, 6, 6, 0), (2, 17, 33, 5, 7, 1), (1, 33, 17, 9, 2, 2), (3, 16, 18, 3, 8, 1), (2, 15, 16, 6, 5, 1), (1, 16, 15, 6, 5, 1), (1, 16, 16, 2, 3, 2), (1, 16, 16, 4, 5, 3) })
            yield return Conv($"{c} to {k} of {n}x{h}x{w}, padding {padding}", [n, c, h, w], [k, c, 3, 3], padding: padding) with { Emulate = false, Tolerance = 3e-4 };
        yield return new("Conv2d by Winograd, bias, Gelu", x => x[0].Conv2d(x[1], x[2], padding: 1, activation: Activation.Gelu), Arg.Any(1, 16, 5, 4), Arg.Any(18, 16, 3, 3), Arg.Any(18)) { Emulate = false, Tolerance = 3e-4 };
        yield return new("Conv2d by Winograd, bias, Relu", x => x[0].Conv2d(x[1], x[2], padding: 1, activation: Activation.Relu), Arg.Any(1, 16, 5, 4), Arg.Any(18, 16, 3, 3), Arg.Any(18)) { Emulate = false, Tolerance = 3e-4 };
        foreach (var (c, size, window, stride, padding) in new[] { (3, 17, 3, 1, 1), (2, 33, 5, 2, 2), (2, 16, 5, 1, 2), (5, 7, 3, 2, 1), (17, 3, 3, 1, 2), (2, 9, 1, 1, 0), (2, 20, 7, 1, 0), (2, 67, 3, 2, 1), (1, 66, 3, 2, 0), (1, 35, 7, 2, 3) })
            yield return Conv($"depthwise {c} of {size} wide, window {window}, stride {stride}, padding {padding}", [2, c, 5 + window, size], [c, 1, window, window], stride: stride, padding: padding, groups: c) with { Emulate = false };
    }

    private static OpCase Conv(string name, int[] x, int[] w, Pair? stride = null, Pair? padding = null, Pair? dilation = null, int groups = 1)
        => new("Conv2d " + name, t => t[0].Conv2d(t[1], null, stride, padding, dilation, groups), Arg.Any(x), Arg.Any(w)) { Tolerance = 5e-5 };
}
