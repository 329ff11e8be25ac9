using ILGPU;

namespace Engine.Kernels;

public sealed partial class GpuDevice
{
    private protected override void MaxPool2dForwardCore(View x, View y, Pool2dSizes sizes, View? argmax)
    {
        if (argmax is { } arg) Launch(MaxPool2dForwardKernel, Linear(y.Length), Floats(x), Floats(y), Ints(arg), sizes);
        else Launch(MaxPool2dKernel, Linear(y.Length), Floats(x), Floats(y), sizes);
    }

    private protected override void MaxPool2dBackwardCore(View argmax, View dy, View dx, Pool2dSizes sizes)
        => Launch(MaxPool2dBackwardKernel, Linear(dx.Length), Ints(argmax), Floats(dy), Floats(dx), sizes);

    private protected override void AvgPool2dForwardCore(View x, View y, Pool2dSizes sizes, bool countPadding)
        => Launch(AvgPool2dForwardKernel, Linear(y.Length), Floats(x), Floats(y), sizes, countPadding ? 1 : 0);

    private protected override void AvgPool2dBackwardCore(View dy, View dx, Pool2dSizes sizes, bool countPadding)
        => Launch(AvgPool2dBackwardKernel, Linear(dx.Length), Floats(dy), Floats(dx), sizes, countPadding ? 1 : 0);

    private static void MaxPool2dForwardKernel(ArrayView<float> x, ArrayView<float> y, ArrayView<int> argmax, Pool2dSizes z)
    {
        int at = Grid.GlobalIndex.X;
        if (at >= z.OutputCount) return;
        int plane = at / z.P / z.Q * z.H * z.W;
        int best = FindLargest(x, z, plane, at / z.Q % z.P, at % z.Q);
        y[at] = x[plane + best];
        argmax[at] = best;
    }

    private static void MaxPool2dKernel(ArrayView<float> x, ArrayView<float> y, Pool2dSizes z)
    {
        int at = Grid.GlobalIndex.X;
        if (at >= z.OutputCount) return;
        int plane = at / z.P / z.Q * z.H * z.W;
        y[at] = x[plane + FindLargest(x, z, plane, at / z.Q % z.P, at % z.Q)];
    }

    private static int FindLargest(ArrayView<float> x, Pool2dSizes z, int plane, int p, int q)
    {
        var window = Window.At(z, p, q);
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
        return best;
    }

    // A thread a number of x gathers from the windows that hold it: no two threads write one place.
    private static void MaxPool2dBackwardKernel(ArrayView<int> argmax, ArrayView<float> dy, ArrayView<float> dx, Pool2dSizes z)
    {
        int at = Grid.GlobalIndex.X;
        if (at >= z.InputCount) return;
        int w = at % z.W, h = at / z.W % z.H, plane = at / z.W / z.H;
        float sum = 0f;
        for (int p = FirstWindow(h + z.PadH, z.R, z.StrideH); p < z.P && p * z.StrideH <= h + z.PadH; p++)
            for (int q = FirstWindow(w + z.PadW, z.S, z.StrideW); q < z.Q && q * z.StrideW <= w + z.PadW; q++)
            {
                int from = (plane * z.P + p) * z.Q + q;
                if (argmax[from] == h * z.W + w) sum += dy[from];
            }
        dx[at] = sum;
    }

    private static void AvgPool2dForwardKernel(ArrayView<float> x, ArrayView<float> y, Pool2dSizes z, int countPadding)
    {
        int at = Grid.GlobalIndex.X;
        if (at >= z.OutputCount) return;
        int plane = at / z.P / z.Q * z.H * z.W;
        var window = Window.At(z, at / z.Q % z.P, at % z.Q);
        float sum = 0f;
        for (int h = window.Top; h < window.Bottom; h++)
            for (int w = window.Left; w < window.Right; w++) sum += x[plane + h * z.W + w];
        int count = window.Count;
        if (countPadding != 0) count = z.R * z.S;
        y[at] = sum / count;
    }

    private static void AvgPool2dBackwardKernel(ArrayView<float> dy, ArrayView<float> dx, Pool2dSizes z, int countPadding)
    {
        int at = Grid.GlobalIndex.X;
        if (at >= z.InputCount) return;
        int w = at % z.W, h = at / z.W % z.H, plane = at / z.W / z.H;
        float sum = 0f;
        for (int p = FirstWindow(h + z.PadH, z.R, z.StrideH); p < z.P && p * z.StrideH <= h + z.PadH; p++)
            for (int q = FirstWindow(w + z.PadW, z.S, z.StrideW); q < z.Q && q * z.StrideW <= w + z.PadW; q++)
            {
                int count = Window.At(z, p, q).Count;
                if (countPadding != 0) count = z.R * z.S;
                sum += dy[(plane * z.P + p) * z.Q + q] / count;
            }
        dx[at] = sum;
    }

    /// <summary>The first window that reaches a padded position: the least p ≥ 0 with p·stride + size > position.</summary>
    private static int FirstWindow(int position, int size, int stride)
        => position < size ? 0 : (position - size) / stride + 1;
}
