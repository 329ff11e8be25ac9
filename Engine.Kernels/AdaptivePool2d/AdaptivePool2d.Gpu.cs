using ILGPU;

namespace Engine.Kernels;

public sealed partial class GpuDevice
{
    private protected override void AdaptiveMaxPool2dForwardCore(View x, View y, View argmax, AdaptivePool2dSizes sizes)
        => Launch(AdaptiveMaxPool2dForwardKernel, Linear(y.Length), Floats(x), Floats(y), Ints(argmax), sizes);

    private protected override void AdaptiveAvgPool2dForwardCore(View x, View y, AdaptivePool2dSizes sizes)
        => Launch(AdaptiveAvgPool2dForwardKernel, Linear(y.Length), Floats(x), Floats(y), sizes);

    private protected override void AdaptiveAvgPool2dBackwardCore(View dy, View dx, AdaptivePool2dSizes sizes)
        => Launch(AdaptiveAvgPool2dBackwardKernel, Linear(dx.Length), Floats(dy), Floats(dx), sizes);

    private static void AdaptiveMaxPool2dForwardKernel(ArrayView<float> x, ArrayView<float> y, ArrayView<int> argmax, AdaptivePool2dSizes z)
    {
        int at = Grid.GlobalIndex.X;
        if (at >= z.OutputCount) return;
        int plane = at / z.Q / z.P * z.H * z.W;
        var window = z.At(at / z.Q % z.P, at % z.Q);
        int best = window.Top * z.W + window.Left;
        float largest = x[plane + best];
        for (int h = window.Top; h < window.Bottom; h++)
            for (int w = window.Left; w < window.Right; w++)
            {
                float value = x[plane + h * z.W + w];
                if (!float.IsNaN(largest) && (float.IsNaN(value) || value > largest))
                {
                    largest = value;
                    best = h * z.W + w;
                }
            }
        y[at] = largest;
        argmax[at] = best;
    }

    private static void AdaptiveAvgPool2dForwardKernel(ArrayView<float> x, ArrayView<float> y, AdaptivePool2dSizes z)
    {
        int at = Grid.GlobalIndex.X;
        if (at >= z.OutputCount) return;
        int plane = at / z.Q / z.P * z.H * z.W;
        var window = z.At(at / z.Q % z.P, at % z.Q);
        float sum = 0f;
        for (int h = window.Top; h < window.Bottom; h++)
            for (int w = window.Left; w < window.Right; w++) sum += x[plane + h * z.W + w];
        y[at] = sum / window.Count;
    }

    // A thread a number of x gathers from the windows that hold it: no two threads write one place.
    private static void AdaptiveAvgPool2dBackwardKernel(ArrayView<float> dy, ArrayView<float> dx, AdaptivePool2dSizes z)
    {
        int at = Grid.GlobalIndex.X;
        if (at >= z.InputCount) return;
        int plane = at / z.W / z.H * z.P * z.Q;
        var over = z.Over(at / z.W % z.H, at % z.W);
        float sum = 0f;
        for (int p = over.Top; p < over.Bottom; p++)
            for (int q = over.Left; q < over.Right; q++) sum += dy[plane + p * z.Q + q] / z.At(p, q).Count;
        dx[at] = sum;
    }
}
