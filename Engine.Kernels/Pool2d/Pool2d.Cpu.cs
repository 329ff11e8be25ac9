namespace Engine.Kernels;

public sealed unsafe partial class CpuDevice
{
    private protected override void MaxPool2dForwardCore(View x, View y, Pool2dSizes sizes, View? argmax)
    {
        var z = sizes;
        nint px = (nint)Floats(x), py = (nint)Floats(y), pa = argmax is { } given ? (nint)Pointer<int>(given) : 0;
        workers.For(z.Planes, PlanesAtATime(z), (begin, end) =>
        {
            for (int plane = begin; plane < end; plane++)
            {
                float* from = (float*)px + (long)plane * z.H * z.W, to = (float*)py + (long)plane * z.P * z.Q;
                int* arg = pa == 0 ? null : (int*)pa + (long)plane * z.P * z.Q;
                MaxPoolPlane(z, from, to, arg);
            }
        });
    }

    private protected override void MaxPool2dBackwardCore(View argmax, View dy, View dx, Pool2dSizes sizes)
    {
        var z = sizes;
        nint pa = (nint)Pointer<int>(argmax), py = (nint)Floats(dy), px = (nint)Floats(dx);
        workers.For(z.Planes, PlanesAtATime(z), (begin, end) =>
        {
            for (int plane = begin; plane < end; plane++)
            {
                int* arg = (int*)pa + (long)plane * z.P * z.Q;
                float* from = (float*)py + (long)plane * z.P * z.Q, to = (float*)px + (long)plane * z.H * z.W;
                new Span<float>(to, z.H * z.W).Clear();
                for (int i = 0; i < z.P * z.Q; i++) to[arg[i]] += from[i];
            }
        });
    }

    private protected override void AvgPool2dForwardCore(View x, View y, Pool2dSizes sizes, bool countPadding)
    {
        var z = sizes;
        nint px = (nint)Floats(x), py = (nint)Floats(y);
        workers.For(z.Planes, PlanesAtATime(z), (begin, end) =>
        {
            for (int plane = begin; plane < end; plane++)
            {
                float* from = (float*)px + (long)plane * z.H * z.W, to = (float*)py + (long)plane * z.P * z.Q;
                for (int p = 0; p < z.P; p++)
                    for (int q = 0; q < z.Q; q++)
                    {
                        var window = Window.At(z, p, q);
                        float sum = 0;
                        for (int h = window.Top; h < window.Bottom; h++)
                            for (int w = window.Left; w < window.Right; w++) sum += from[h * z.W + w];
                        *to++ = sum / (countPadding ? z.R * z.S : window.Count);
                    }
            }
        });
    }

    private protected override void AvgPool2dBackwardCore(View dy, View dx, Pool2dSizes sizes, bool countPadding)
    {
        var z = sizes;
        nint py = (nint)Floats(dy), px = (nint)Floats(dx);
        workers.For(z.Planes, PlanesAtATime(z), (begin, end) =>
        {
            for (int plane = begin; plane < end; plane++)
            {
                float* from = (float*)py + (long)plane * z.P * z.Q, to = (float*)px + (long)plane * z.H * z.W;
                new Span<float>(to, z.H * z.W).Clear();
                for (int p = 0; p < z.P; p++)
                    for (int q = 0; q < z.Q; q++)
                    {
                        var window = Window.At(z, p, q);
                        float share = *from++ / (countPadding ? z.R * z.S : window.Count);
                        for (int h = window.Top; h < window.Bottom; h++)
                            for (int w = window.Left; w < window.Right; w++) to[h * z.W + w] += share;
                    }
            }
        });
    }

    private static int PlanesAtATime(Pool2dSizes z) => Math.Max(1, ElementwiseGrain / Math.Max(1, Math.Max(z.H * z.W, z.P * z.Q)));

    private static void MaxPoolPlane(Pool2dSizes z, float* from, float* to, int* arg)
    {
        for (int p = 0; p < z.P; p++)
            for (int q = 0; q < z.Q; q++)
            {
                var window = Window.At(z, p, q);
                int best = window.Top * z.W + window.Left;
                float largest = from[best];
                for (int h = window.Top; h < window.Bottom; h++)
                    for (int w = window.Left; w < window.Right; w++)
                    {
                        float value = from[h * z.W + w];
                        if (!(value > largest || (float.IsNaN(value) && !float.IsNaN(largest)))) continue;
                        largest = value;
                        best = h * z.W + w;
                    }
                *to++ = largest;
                if (arg is not null) *arg++ = best;
            }
    }
}
