using System.Runtime.Intrinsics;

namespace Engine.Kernels;

public sealed unsafe partial class CpuDevice
{
    private protected override void CtcForwardCore(View logits, View targets, View alphas, View logSums, View losses, CtcSizes sizes)
    {
        CheckTargets(Span<int>(targets), sizes, nameof(CtcForward));
        nint px = (nint)Floats(logits), pk = (nint)Pointer<int>(targets), pa = (nint)Floats(alphas), ps = (nint)Floats(logSums), py = (nint)Floats(losses);
        workers.For(sizes.N, n => ((float*)py)[n] = CtcLoss(new CtcExample((float*)px, (int*)pk, (float*)pa, (float*)ps, n, sizes)));
    }

    private protected override void CtcBackwardCore(View logits, View targets, View alphas, View logSums, View dy, View dx, CtcSizes sizes)
    {
        CheckTargets(Span<int>(targets), sizes, nameof(CtcBackward));
        nint px = (nint)Floats(logits), pk = (nint)Pointer<int>(targets), pa = (nint)Floats(alphas), ps = (nint)Floats(logSums), pdy = (nint)Floats(dy), pdx = (nint)Floats(dx);
        workers.For(sizes.N, n => CtcGradient(new CtcExample((float*)px, (int*)pk, (float*)pa, (float*)ps, n, sizes), ((float*)pdy)[n], (float*)pdx + (long)n * sizes.T * sizes.C));
    }

    private static float CtcLoss(in CtcExample e)
    {
        float* last = e.Ones, now = e.Others;
        double taken = 0;                                           // what was subtracted from the logarithms so far
        for (int t = 0; t < e.Steps; t++)
        {
            float* x = e.Logits + (long)t * e.C;
            float max = MaxOf(x, e.C), logSum = max + MathF.Log(SumOfExp(x, null, e.C, max));
            e.LogSums[t] = logSum;
            if (!float.IsFinite(logSum)) return float.NaN;
            e.Emit(x, logSum);
            if (t == 0)
            {
                now[0] = 0;
                if (e.Labels > 0) now[1] = 0;
            }
            else
            {
                float shift = t % CtcRenewal == 0 ? CtcLargest(last, e.Padded) : 0;
                taken += shift;
                CtcStep(last, -1, e.Skips, now, e.Padded, shift);
            }
            CtcEmit(now, e.Emissions, e.Padded);
            new Span<float>(now, e.States).CopyTo(new Span<float>(e.Alphas + (long)t * e.Stride, e.States));
            Swap(ref last, ref now);
        }
        float end = last[e.States - 1], other = e.Labels > 0 ? last[e.States - 2] : CtcLogZero, most = MathF.Max(end, other);
        return most <= CtcLogZero / 2 ? float.PositiveInfinity : (float)-(taken + most + Math.Log(Math.Exp(end - most) + Math.Exp(other - most)));
    }

    private static void CtcGradient(in CtcExample e, float g, float* dx)
    {
        float* last = e.Ones, now = e.Others;
        for (int t = e.Steps - 1; t >= 0; t--)
        {
            float* x = e.Logits + (long)t * e.C, d = dx + (long)t * e.C;
            if (t == e.Steps - 1)
            {
                now[e.States - 1] = 0;
                if (e.Labels > 0) now[e.States - 2] = 0;
            }
            else
            {
                CtcStep(last, 1, e.Skips + 2, now, e.Padded, t % CtcRenewal == 0 ? CtcLargest(last, e.Padded) : 0);
            }
            if (CtcShares(e.Alphas + (long)t * e.Stride, now, e.Paths, e.States) is > 0 and var sum)
            {
                var (scale, shift) = (Vector512.Create(g), Vector512.Create(e.LogSums[t]));
                int c = 0;
                for (; c <= e.C - Width; c += Width) (VectorMath.Exp(Vector512.Load(x + c) - shift) * scale).Store(d + c);
                if (c < e.C) StoreTail(VectorMath.Exp(LoadTail(x + c, e.C - c) - shift) * scale, d + c, e.C - c);
                float share = g / sum, blanks = e.Paths[0];
                for (int i = 0; i < e.Labels; i++)
                {
                    d[e.Target[i]] -= share * e.Paths[2 * i + 1];
                    blanks += e.Paths[2 * i + 2];
                }
                d[e.Blank] -= share * blanks;
            }
            else
            {
                new Span<float>(d, e.C).Clear();
            }
            e.Emit(x, e.LogSums[t]);
            CtcEmit(now, e.Emissions, e.Padded);
            Swap(ref last, ref now);
        }
        for (int t = e.Steps; t < e.T; t++) new Span<float>(dx + (long)t * e.C, e.C).Clear();
    }

    private static void Swap(ref float* a, ref float* b)
    {
        float* was = a;
        a = b;
        b = was;
    }

    /// <summary>to(s) = ln(e^from(s) + e^from(s+d) + e^(from(s+2d) + skips(s))) − shift.</summary>
    private static void CtcStep(float* from, int d, float* skips, float* to, int padded, float shift)
    {
        for (int s = 0; s < padded; s += Width)
        {
            Vector512<float> a = Vector512.Load(from + s), b = Vector512.Load(from + s + d), c = Vector512.Load(from + s + 2 * d) + Vector512.Load(skips + s);
            // In order, so that one of the three exponentials is 1. None is a NaN.
            Vector512<float> larger = Vector512.MaxNative(a, b), most = Vector512.MaxNative(larger, c);
            Vector512<float> smaller = Vector512.MinNative(a, b), least = Vector512.MinNative(smaller, c), middle = Vector512.MaxNative(smaller, Vector512.MinNative(larger, c));
            var sum = Vector512<float>.One + (VectorMath.Exp(middle - most) + VectorMath.Exp(least - most));
            (most + VectorMath.Log(sum) - Vector512.Create(shift)).Store(to + s);
        }
    }

    private static void CtcEmit(float* states, float* emissions, int padded)
    {
        for (int s = 0; s < padded; s += Width)
            Vector512.MaxNative(Vector512.Load(states + s) + Vector512.Load(emissions + s), Vector512.Create(CtcLogZero)).Store(states + s);
    }

    /// <summary>paths(s) = α(s)·β(s) over the largest; gives their sum, 0 where all are 0.</summary>
    private static float CtcShares(float* alphas, float* betas, float* paths, int states)
    {
        for (int s = 0; s < states; s++) paths[s] = alphas[s] + betas[s];
        float most = MaxOf(paths, states);
        return most <= CtcLogZero / 2 ? 0 : SumOfExp(paths, paths, states, most);
    }

    /// <summary>The largest of some logarithms; 0 where all are of 0.</summary>
    private static float CtcLargest(float* states, int padded) => MaxOf(states, padded) is > CtcLogZero / 2 and var most ? most : 0;

    /// <summary>One example of a batch, and its thread's room for the states of two steps. States past the target's last, up to a whole vector and
    /// around it, are of probability 0.</summary>
    private readonly struct CtcExample
    {
        private readonly CtcSizes sizes;

        public readonly float* Logits, Alphas, LogSums, Ones, Others, Emissions, Skips, Paths;
        public readonly int* Target;
        public readonly int Steps, Labels, Padded;

        public CtcExample(float* logits, int* targets, float* alphas, float* logSums, int n, CtcSizes sizes)
        {
            this.sizes = sizes;
            Target = targets + (long)n * sizes.TargetLength;
            (Steps, Labels) = (Target[0], Target[1]);
            Target += 2;
            Logits = logits + (long)n * sizes.T * sizes.C;
            Alphas = alphas + (long)n * sizes.T * sizes.States;
            LogSums = logSums + (long)n * sizes.T;
            Padded = Parts(States, Width) * Width;
            int room = Padded + 2 * Width;                          // a vector before and after
            Ones = Gemm.Scratch.Take(5 * room) + Width;
            Others = Ones + room;
            Emissions = Others + room;
            Skips = Emissions + room;
            Paths = Skips + room;
            new Span<float>(Ones - Width, 5 * room).Fill(CtcLogZero);
            for (int i = 1; i < Labels; i++)
                if (Target[i] != Target[i - 1]) Skips[2 * i + 1] = 0;
        }

        public int T => sizes.T;

        public int C => sizes.C;

        public int Blank => sizes.Blank;

        public int States => 2 * Labels + 1;

        /// <summary>States of the longest target.</summary>
        public int Stride => sizes.States;

        /// <summary>Notes the log-probability of each state's class at a step.</summary>
        public void Emit(float* x, float logSum)
        {
            float blank = x[Blank] - logSum;
            Emissions[0] = blank;
            for (int i = 0; i < Labels; i++)
            {
                Emissions[2 * i + 1] = x[Target[i]] - logSum;
                Emissions[2 * i + 2] = blank;
            }
        }
    }
}
