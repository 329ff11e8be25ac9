using System.Runtime.Intrinsics;

namespace Engine.Kernels;

public sealed unsafe partial class CpuDevice
{
    private protected override void CrossEntropyForwardCore(View logits, View classes, View loss, View logSums, int rows, int columns, int? ignored, int firstRow)
    {
        nint px = (nint)Floats(logits), pk = (nint)Pointer<int>(classes), py = (nint)Floats(loss), ps = (nint)Floats(logSums);
        workers.For(rows, Math.Max(1, SoftmaxGrain / Math.Max(1, columns)), (px, pk, py, ps, columns, ignored, firstRow), static (begin, end, given) =>
        {
            var (px, pk, py, ps, columns, ignored, firstRow) = given;
            for (int row = begin; row < end; row++)
            {
                float* x = (float*)px + (long)row * columns;
                int k = ((int*)pk)[row];
                if (k == ignored)
                {
                    ((float*)ps)[row] = ((float*)py)[row] = 0;
                    continue;
                }
                if ((uint)k >= (uint)columns) throw NoSuchClass(firstRow + row, k, columns);
                float max = MaxOf(x, columns), log = MathF.Log(SumOfExp(x, null, columns, max));
                ((float*)ps)[row] = max + log;
                ((float*)py)[row] = max - x[k] + log;               // a small loss keeps its digits beside a large logit
            }
        });
    }

    private protected override void CrossEntropyBackwardCore(View logits, View classes, View logSums, View dy, View dx, int rows, int columns, double scale, int? ignored)
    {
        nint px = (nint)Floats(logits), pk = (nint)Pointer<int>(classes), ps = (nint)Floats(logSums), pdx = (nint)Floats(dx);
        float g = (float)scale * *Floats(dy);
        workers.For(rows, Math.Max(1, SoftmaxGrain / columns), (px, pk, ps, pdx, columns, ignored, g), static (begin, end, given) =>
        {
            var (px, pk, ps, pdx, columns, ignored, g) = given;
            for (int row = begin; row < end; row++)
            {
                float* x = (float*)px + (long)row * columns, d = (float*)pdx + (long)row * columns;
                if (((int*)pk)[row] == ignored)
                {
                    new Span<float>(d, columns).Clear();
                    continue;
                }
                var logSum = Vector512.Create(((float*)ps)[row]);
                int c = 0;
                for (; c <= columns - Width; c += Width) (VectorMath.Exp(Vector512.Load(x + c) - logSum) * g).Store(d + c);
                if (c < columns) StoreTail(VectorMath.Exp(LoadTail(x + c, columns - c) - logSum) * g, d + c, columns - c);
                d[((int*)pk)[row]] -= g;
            }
        });
    }
}
