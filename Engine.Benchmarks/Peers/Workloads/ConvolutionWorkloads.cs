using static TorchSharp.torch.nn.functional;

namespace Engine.Peers;

/// <summary>Convolutions of images: forward, the gradient of the images, and the gradient of the weight.</summary>
internal static class ConvolutionWorkloads
{
    public static IEnumerable<Workload> All =>
    [
        .. Of("conv 8x64x56x56 to 64 3x3", 8, 64, 56, 64, 3, padding: 1),
        .. Of("conv 32x32x13x13 to 64 3x3", 32, 32, 13, 64, 3),
        .. Of("conv 32x1x28x28 to 32 3x3", 32, 1, 28, 32, 3),
        .. Of("conv 8x256x28x28 to 256 1x1", 8, 256, 28, 256, 1),
        .. Of("conv 8x128x56x56 depthwise 3x3", 8, 128, 56, 128, 3, padding: 1, groups: 128),
    ];

    private static IEnumerable<Workload> Of(string name, int n, int c, int size, int k, int window, int padding = 0, int groups = 1)
    {
        int result = size + 2 * padding - window + 1;
        var conv = new Operation(name, Group.Compute, [new(n, c, size, size), new(k, c / groups, window, window)],
            x => x[0].Conv2d(x[1], padding: padding, groups: groups),
            x => conv2d(x[0], x[1], padding: [padding, padding], groups: groups));
        double flops = 2.0 * n * k * result * result * (c / groups) * window * window;
        double bytes = 4.0 * ((double)n * c * size * size + (double)k * (c / groups) * window * window + (double)n * k * result * result);
        return [conv.Forward(flops, bytes, ", forward"), conv.Backward(flops, bytes, ", backward input", 0), conv.Backward(flops, bytes, ", backward weight", 1)];
    }
}
