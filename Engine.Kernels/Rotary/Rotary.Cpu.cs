using System.Runtime.Intrinsics;

namespace Engine.Kernels;

public sealed unsafe partial class CpuDevice
{
    private protected override void RotaryCore(View x, View table, View y, RotarySizes sizes, bool inverse)
    {
        nint px = (nint)Floats(x), pt = (nint)Floats(table), py = (nint)Floats(y);
        int columns = sizes.Heads * sizes.Width, width = sizes.Width;
        float sign = inverse ? -1 : 1;
        workers.For(sizes.Batch * sizes.Steps, Math.Max(1, ElementwiseGrain / columns), (begin, end) =>
        {
            for (int row = begin; row < end; row++)
            {
                float* cos = (float*)pt + (long)(sizes.First + row % sizes.Steps) * width;
                for (int head = 0; head < sizes.Heads; head++)
                {
                    long from = (long)row * columns + head * width;
                    if (sizes.Halves) TurnHalves((float*)px + from, cos, sign, (float*)py + from, width / 2);
                    else TurnNeighbours((float*)px + from, cos, sign, (float*)py + from, width / 2);
                }
            }
        });
    }

    private static void TurnHalves(float* x, float* table, float sign, float* y, int half)
    {
        int i = 0;
        for (; i <= half - Width; i += Width)
        {
            Vector512<float> a = Vector512.Load(x + i), b = Vector512.Load(x + half + i), cos = Vector512.Load(table + i), sin = Vector512.Load(table + half + i) * sign;
            (a * cos - b * sin).Store(y + i);
            (b * cos + a * sin).Store(y + half + i);
        }
        for (; i < half; i++)
        {
            float a = x[i], b = x[half + i], cos = table[i], sin = table[half + i] * sign;
            y[i] = a * cos - b * sin;
            y[half + i] = b * cos + a * sin;
        }
    }

    private static void TurnNeighbours(float* x, float* table, float sign, float* y, int half)
    {
        for (int i = 0; i < half; i++)
        {
            float a = x[2 * i], b = x[2 * i + 1], cos = table[i], sin = table[half + i] * sign;
            y[2 * i] = a * cos - b * sin;
            y[2 * i + 1] = b * cos + a * sin;
        }
    }
}
