using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Engine.Kernels;

// A channel with many positions is walked plane by plane; where there is one position, channels go side by side.
public sealed unsafe partial class CpuDevice
{
    private protected override void BatchNormStatisticsCore(View x, View mean, View variance, View runningMean, View runningVariance, ChannelSizes sizes, double momentum)
    {
        nint px = (nint)Floats(x), pm = (nint)Floats(mean), pv = (nint)Floats(variance);
        EachChannel(sizes, (px, pm, pv, sizes), static (c, given) =>
        {
            var (px, pm, pv, sizes) = given;
            var (n, channels, space) = sizes;
            if (space == 1)
            {
                var states = new FourStates();
                FourStatesOf<SquaredDeviations, float>((float*)px + c, (long)n * channels - c, channels, 0, n, Math.Min(ReduceColumns, channels - c), ref states);
                for (int v = 0; v < ReduceColumns / Width && c < channels; v++, c += Width)
                {
                    StoreUpTo(states[v].A, (float*)pm + c, channels - c);
                    StoreUpTo(states[v].B, (float*)pv + c, channels - c);
                }
                return;
            }
            // Two passes: a channel lies in the cache the second time.
            double sum = 0, squares = 0;
            for (int i = 0; i < n; i++) sum += StateOf<Sum, float>((float*)px + ((long)i * channels + c) * space, 0, space).A;
            float mu = (float)(sum / sizes.PerChannel);
            for (int i = 0; i < n; i++) squares += SquaresAlong((float*)px + ((long)i * channels + c) * space, mu, space, (long)channels * space);
            ((float*)pm)[c] = mu;
            ((float*)pv)[c] = (float)squares;
        });
        float* running = Floats(runningMean), runningSquares = Floats(runningVariance);
        for (int c = 0; c < sizes.C; c++)
        {
            float squares = ((float*)pv)[c];
            ((float*)pv)[c] = squares / sizes.PerChannel;
            running[c] += (float)momentum * (((float*)pm)[c] - running[c]);
            runningSquares[c] += (float)momentum * (squares / (sizes.PerChannel - 1) - runningSquares[c]);
        }
    }

    private protected override void BatchNormForwardCore(View x, View y, ChannelNorm norm, View beta, ChannelSizes sizes, View? addend, Activation activation)
    {
        using var room = ChannelTerms.Room(this, sizes.C, nameof(BatchNormForward));
        var terms = new ChannelTerms(room.Pointer, sizes.C);
        float* mean = Floats(norm.Mean), variance = Floats(norm.Variance), gamma = Floats(norm.Gamma), b = Floats(beta);
        for (int c = 0; c < sizes.C; c++)
            terms.Set(c, mean[c], gamma[c] / MathF.Sqrt(variance[c] + (float)norm.Epsilon), b[c], 1);
        EachTerm(Floats(x), addend is { } given ? Floats(given) : null, Floats(y), terms, sizes, activation);
    }

    // dx = p dy + q (x − mean) + r with p = gamma / √(variance + ε), q = −p dgamma / (n √(variance + ε)), r = −p dbeta / n
    private protected override void BatchNormBackwardInputCore(View x, View dy, View dx, ChannelNorm norm, View dgamma, View dbeta, ChannelSizes sizes, bool own)
    {
        using var room = ChannelTerms.Room(this, sizes.C, nameof(BatchNormBackwardInput));
        var terms = new ChannelTerms(room.Pointer, sizes.C);
        float* mean = Floats(norm.Mean), variance = Floats(norm.Variance), gamma = Floats(norm.Gamma), dg = Floats(dgamma), db = Floats(dbeta);
        for (int c = 0; c < sizes.C; c++)
        {
            float deviation = MathF.Sqrt(variance[c] + (float)norm.Epsilon), p = gamma[c] / deviation, share = own ? -p / sizes.PerChannel : 0;
            terms.Set(c, mean[c], own ? share * dg[c] / deviation : 0, own ? share * db[c] : 0, p);
        }
        EachTerm(Floats(x), Floats(dy), Floats(dx), terms, sizes);
    }

    private protected override void BatchNormBackwardParametersCore(View x, View dy, ChannelNorm norm, View dgamma, View dbeta, ChannelSizes sizes)
    {
        nint px = (nint)Floats(x), pdy = (nint)Floats(dy), pm = (nint)Floats(norm.Mean), pdg = (nint)Floats(dgamma), pdb = (nint)Floats(dbeta);
        EachChannel(sizes, (px, pdy, pm, pdg, pdb, sizes), static (c, given) =>
        {
            var (px, pdy, pm, pdg, pdb, sizes) = given;
            var (n, channels, space) = sizes;
            if (space == 1)
            {
                for (int last = Math.Min(c + ReduceColumns, channels); c < last; c += Width)
                {
                    ProductsDown((float*)px + c, (float*)pdy + c, (float*)pm + c, n, channels, channels - c, out var products, out var sums);
                    StoreUpTo(products, (float*)pdg + c, channels - c);
                    StoreUpTo(sums, (float*)pdb + c, channels - c);
                }
                return;
            }
            double product = 0, sum = 0;
            for (int i = 0; i < n; i++)
            {
                long at = ((long)i * channels + c) * space;
                ProductsAlong((float*)px + at, (float*)pdy + at, ((float*)pm)[c], space, ref product, ref sum);
            }
            ((float*)pdg)[c] = (float)product;
            ((float*)pdb)[c] = (float)sum;
        });
        float* variance = Floats(norm.Variance);
        for (int c = 0; c < sizes.C; c++) ((float*)pdg)[c] /= MathF.Sqrt(variance[c] + (float)norm.Epsilon);
    }

    /// <summary>Σ (x − mean)² over one plane or row, which is in the cache; what lies <paramref name="ahead"/> of it is asked for meanwhile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float SquaresAlong(float* x, float mean, int count, long ahead)
    {
        var mu = Vector512.Create(mean);
        Vector512<float> s0 = default, s1 = default, s2 = default, s3 = default;
        int i = 0;
        for (; i <= count - 4 * Width; i += 4 * Width)
        {
            if (Sse.IsSupported)
                for (int line = 0; line < 4 * Width; line += Width) Sse.Prefetch0(x + i + line + ahead);
            Vector512<float> d0 = Vector512.Load(x + i) - mu, d1 = Vector512.Load(x + i + Width) - mu, d2 = Vector512.Load(x + i + 2 * Width) - mu, d3 = Vector512.Load(x + i + 3 * Width) - mu;
            s0 = Vector512.MultiplyAddEstimate(d0, d0, s0);
            s1 = Vector512.MultiplyAddEstimate(d1, d1, s1);
            s2 = Vector512.MultiplyAddEstimate(d2, d2, s2);
            s3 = Vector512.MultiplyAddEstimate(d3, d3, s3);
        }
        for (; i < count; i += Width)
        {
            var d = (count - i >= Width ? Vector512.Load(x + i) : LoadTail(x + i, count - i, mean)) - mu;
            s0 = Vector512.MultiplyAddEstimate(d, d, s0);
        }
        return Vector512.Sum(s0 + s1 + (s2 + s3));
    }

    /// <summary>Adds Σ dy (x − mean) and Σ dy over one plane.</summary>
    [MethodImpl(Alone)]
    private static void ProductsAlong(float* x, float* dy, float mean, int count, ref double product, ref double sum)
    {
        var mu = Vector512.Create(mean);
        Vector512<float> p0 = default, p1 = default, s0 = default, s1 = default;
        int i = 0;
        for (; i <= count - 2 * Width; i += 2 * Width)
        {
            Vector512<float> g0 = Vector512.Load(dy + i), g1 = Vector512.Load(dy + i + Width);
            p0 += g0 * (Vector512.Load(x + i) - mu);
            p1 += g1 * (Vector512.Load(x + i + Width) - mu);
            s0 += g0;
            s1 += g1;
        }
        for (; i <= count - Width; i += Width)
        {
            var g = Vector512.Load(dy + i);
            p0 += g * (Vector512.Load(x + i) - mu);
            s0 += g;
        }
        product += Vector512.Sum(p0 + p1);
        sum += Vector512.Sum(s0 + s1);
        for (; i < count; i++)
        {
            product += dy[i] * (x[i] - mean);
            sum += dy[i];
        }
    }

    /// <summary>Σ dy (x − mean) and Σ dy down up to sixteen columns, by <see cref="ReduceRows"/> rows at a time.</summary>
    [MethodImpl(Alone)]
    private static void ProductsDown(float* x, float* dy, float* mean, int rows, int stride, int columns, out Vector512<float> products, out Vector512<float> sums)
    {
        var mu = LoadUpTo(mean, columns);
        // Whole vectors may be read in all rows but the last, whose missing columns are not read.
        int whole = columns >= Width ? rows : Math.Max(0, rows - Parts(Width - columns, stride));
        products = sums = default;
        for (int first = 0; first < whole; first += ReduceRows)
        {
            Vector512<float> p = default, s = default;
            for (long row = first; row < Math.Min(whole, first + ReduceRows); row++)
            {
                var g = Vector512.Load(dy + row * stride);
                p += g * (Vector512.Load(x + row * stride) - mu);
                s += g;
            }
            products += p;
            sums += s;
        }
        for (long row = whole; row < rows; row++)
        {
            var g = LoadTail(dy + row * stride, columns);
            products += g * (LoadTail(x + row * stride, columns) - mu);
            sums += g;
        }
    }

    /// <summary>out = (x − mean) · q + r + p · u for each channel.</summary>
    private readonly struct ChannelTerms(nint room, int channels)
    {
        private readonly float* mean = (float*)room, q = (float*)room + Padded(channels), r = (float*)room + 2 * Padded(channels), p = (float*)room + 3 * Padded(channels);

        /// <summary>Where they lie.</summary>
        public static Temporary Room(CpuDevice device, int channels, string kernel) => new(device, 4L * Padded(channels), kernel);

        private static nint Padded(int channels) => ((nint)channels + Width - 1) / Width * Width;

        public void Set(int c, float mean, float q, float r, float p) => (this.mean[c], this.q[c], this.r[c], this.p[c]) = (mean, q, r, p);

        /// <summary>One plane of channel c.</summary>
        public void Plane(int c, float* x, float* u, float* y, int count) => Affine(x, u, y, count, mean[c], q[c], r[c], p[c]);

        /// <summary>One number of each channel.</summary>
        [MethodImpl(Alone)]
        public void Row(float* x, float* u, float* y, int count)
        {
            int i = 0;
            if (u == null)
                for (; i <= count - Width; i += Width) ((Vector512.Load(x + i) - At(mean, i)) * At(q, i) + At(r, i)).Store(y + i);
            else
                for (; i <= count - Width; i += Width) ((Vector512.Load(x + i) - At(mean, i)) * At(q, i) + At(r, i) + Vector512.Load(u + i) * At(p, i)).Store(y + i);
            if (i < count) AffineTail(x + i, u == null ? null : u + i, y + i, count - i, At(mean, i), At(q, i), At(r, i), At(p, i));
        }

        private static Vector512<float> At(float* terms, int i) => Vector512.Load(terms + i);
    }

    /// <summary>y = (x − mean) · q + r + u · p, without the last term where u is null.</summary>
    [MethodImpl(Alone)]
    private static void Affine(float* x, float* u, float* y, int count, float mean, float q, float r, float p)
    {
        Vector512<float> m = Vector512.Create(mean), a = Vector512.Create(q), b = Vector512.Create(r), d = Vector512.Create(p);
        int i = 0;
        if (u == null)
            for (; i <= count - Width; i += Width) ((Vector512.Load(x + i) - m) * a + b).Store(y + i);
        else
            for (; i <= count - Width; i += Width) ((Vector512.Load(x + i) - m) * a + b + Vector512.Load(u + i) * d).Store(y + i);
        if (i < count) AffineTail(x + i, u == null ? null : u + i, y + i, count - i, m, a, b, d);
    }

    // Tails stand apart: their stack memory, or a call, inside a loop makes it several times slower.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void AffineTail(float* x, float* u, float* y, int left, Vector512<float> mean, Vector512<float> q, Vector512<float> r, Vector512<float> p)
    {
        var value = (LoadTail(x, left) - mean) * q + r;
        if (u != null) value += LoadTail(u, left) * p;
        StoreTail(value, y, left);
    }

    private void EachTerm(float* x, float* u, float* y, ChannelTerms terms, ChannelSizes sizes, Activation activation = Activation.None)
    {
        nint px = (nint)x, pu = (nint)u, py = (nint)y;
        int stretch = sizes.S == 1 ? sizes.C : sizes.S;
        workers.For(sizes.Count / stretch, Math.Max(1, ElementwiseGrain / stretch), (px, pu, py, terms, stretch, sizes, activation), static (begin, end, given) =>
        {
            var (px, pu, py, terms, stretch, sizes, activation) = given;
            for (int at = begin; at < end; at++)
            {
                long from = (long)at * stretch;
                float* v = pu == 0 ? null : (float*)pu + from;
                if (sizes.S == 1) terms.Row((float*)px + from, v, (float*)py + from, stretch);
                else terms.Plane(at % sizes.C, (float*)px + from, v, (float*)py + from, stretch);
                Activate((float*)py + from, stretch, activation);
            }
        });
    }

    /// <summary>Calls the body for each channel, or for the first of each 64 where there is one position.</summary>
    private void EachChannel<T>(ChannelSizes sizes, T given, Action<int, T> body)
    {
        int step = sizes.S == 1 ? ReduceColumns : 1;
        workers.For(Parts(sizes.C, step), Math.Max(1, ElementwiseGrain / Math.Max(1, sizes.PerChannel * step)), (step, given, body), static (begin, end, all) =>
        {
            var (step, given, body) = all;
            for (int at = begin; at < end; at++) body(at * step, given);
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> LoadUpTo(float* x, int left) => left >= Width ? Vector512.Load(x) : LoadTail(x, left);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreUpTo(Vector512<float> value, float* y, int left)
    {
        if (left >= Width) value.Store(y);
        else StoreTail(value, y, left);
    }
}
