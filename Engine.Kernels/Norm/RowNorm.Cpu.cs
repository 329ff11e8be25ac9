using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Kernels;

// A row stays in the first cache while it is walked two or three times; memory is read once.
public sealed unsafe partial class CpuDevice
{
    /// <summary>The most sums over some rows each that a weight's gradient is made of, where channels lie side by side.</summary>
    private const int NormSlots = 64;

    private protected override void RowNormForwardCore(View x, View? residual, View? sum, View y, RowNorm norm, View? bias, RowNormSizes sizes, double epsilon)
    {
        nint px = (nint)Floats(x), pr = (nint)Optional(residual), ps = (nint)Optional(sum), py = (nint)Floats(y);
        nint pw = (nint)Optional(norm.Weight), pb = (nint)Optional(bias), pm = (nint)Optional(norm.Mean), pscale = (nint)Floats(norm.Scale);
        int n = sizes.Columns;
        workers.For(sizes.Rows, Math.Max(1, ElementwiseGrain / n), (px, pr, ps, py, pw, pb, pm, pscale, sizes, epsilon), static (begin, end, given) =>
        {
            var (px, pr, ps, py, pw, pb, pm, pscale, sizes, epsilon) = given;
            int n = sizes.Columns;
            for (int row = begin; row < end; row++)
            {
                long from = (long)row * n;
                float* s = (float*)px + from;
                if (pr != 0)
                {
                    AddRows(s, (float*)pr + from, (float*)ps + from, n);
                    s = (float*)ps + from;
                }
                float mean = 0;
                if (pm != 0) ((float*)pm)[row] = mean = MeanAlong(s, n);
                float scale = 1 / MathF.Sqrt(MeanSquareAlong(s, mean, n) + (float)epsilon);
                ((float*)pscale)[row] = scale;
                int channel = row % sizes.Groups * sizes.Channels;
                float* w = pw == 0 ? null : (float*)pw + channel, b = pb == 0 ? null : (float*)pb + channel, to = (float*)py + from;
                if (sizes.Space == 1) NormRow(s, to, n, mean, scale, w, b);
                else
                    for (int c = 0; c < sizes.Channels; c++)
                        Affine(s + (long)c * sizes.Space, null, to + (long)c * sizes.Space, sizes.Space, mean, w == null ? scale : scale * w[c], b == null ? 0 : b[c], 0);
            }
        });
    }

    private protected override void RowNormBackwardCore(View x, View dy, RowNorm norm, View? dx, View? dweight, View? dbias, RowNormSizes sizes)
    {
        nint px = (nint)Floats(x), pdy = (nint)Floats(dy), pdx = (nint)Optional(dx);
        nint pw = (nint)Optional(norm.Weight), pm = (nint)Optional(norm.Mean), pscale = (nint)Floats(norm.Scale);
        var (rows, channels, groups, space) = sizes;
        int n = sizes.Columns, all = sizes.AllChannels;
        // Rows add their share of the parameters' gradients to the slot of their chunk; where an example is several rows, or channels have planes, each
        // example has a slot.
        bool shared = space == 1 && groups == 1;
        int grain = Math.Max(1, ElementwiseGrain / n), perSlot = shared ? Math.Max(grain, Parts(rows, NormSlots)) : groups, slots = Parts(rows, perSlot);
        bool wanted = dweight is not null || dbias is not null;
        int apart = Parts(all, Width) * Width;                     // between sums, so that they begin with cache lines
        using var room = new Temporary(this, wanted ? checked(slots * 2L * apart) : 0, nameof(RowNormBackward));
        nint pslot = wanted ? room.Pointer : 0;
        workers.For(rows, shared ? perSlot : grain, (px, pdy, pdx, pw, pm, pscale, pslot, sizes, perSlot, apart, shared), static (begin, end, given) =>
        {
            var (px, pdy, pdx, pw, pm, pscale, pslot, sizes, perSlot, apart, shared) = given;
            var (_, channels, groups, space) = sizes;
            int n = sizes.Columns;
            for (int row = begin; row < end; row++)
            {
                long from = (long)row * n;
                int channel = row % groups * channels;
                float mean = pm == 0 ? 0 : ((float*)pm)[row], scale = ((float*)pscale)[row];
                float* v = (float*)px + from, d = (float*)pdy + from, w = pw == 0 ? null : (float*)pw + channel;
                float* dw = pslot == 0 ? null : (float*)pslot + (long)(row / perSlot) * 2 * apart + channel, db = dw + apart;
                if (dw != null && (!shared || row == begin))
                {
                    new Span<float>(dw, channels).Clear();
                    new Span<float>(db, channels).Clear();
                }
                double sum = 0, product = 0;                        // Σ g and Σ g (x − mean)
                if (space == 1) NormProducts(v, d, n, mean, scale, w, dw, db, ref product, ref sum);
                else NormPlaneProducts(v, d, sizes, mean, scale, w, dw, db, ref product, ref sum);
                if (pdx == 0) continue;
                // dx = scale g + q (x − mean) + r
                float q = (float)(-(double)scale * scale * scale * product / n), r = pm == 0 ? 0 : (float)(-scale * sum / n);
                float* to = (float*)pdx + from;
                if (space == 1) NormRowGradient(v, d, to, n, mean, q, r, scale, w);
                else
                    for (int c = 0; c < channels; c++)
                        Affine(v + (long)c * space, d + (long)c * space, to + (long)c * space, space, mean, q, r, w == null ? scale : scale * w[c]);
            }
        });
        if (dweight is { } weights) SumSlots((float*)pslot, Floats(weights), slots, all, apart);
        if (dbias is { } biases) SumSlots((float*)pslot + apart, Floats(biases), slots, all, apart);
    }

    private static float MeanAlong(float* x, int n)
    {
        double sum = 0;
        for (int i = 0; i < n; i += ReducePiece) sum += SumAlong(x + i, Math.Min(ReducePiece, n - i));
        return (float)(sum / n);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float SumAlong(float* x, int n)
    {
        Vector512<float> a = default, b = default, c = default, d = default;
        int i = 0;
        for (; i <= n - 4 * Width; i += 4 * Width)
        {
            a += Vector512.Load(x + i);
            b += Vector512.Load(x + i + Width);
            c += Vector512.Load(x + i + 2 * Width);
            d += Vector512.Load(x + i + 3 * Width);
        }
        for (; i <= n - Width; i += Width) a += Vector512.Load(x + i);
        float sum = Vector512.Sum(a + b + (c + d));
        for (; i < n; i++) sum += x[i];
        return sum;
    }

    /// <summary>Σ (x − mean)² / n.</summary>
    private static float MeanSquareAlong(float* x, float mean, int n)
    {
        double sum = 0;
        for (int i = 0; i < n; i += ReducePiece) sum += SquaresAlong(x + i, mean, Math.Min(ReducePiece, n - i), n);
        return (float)(sum / n);
    }

    /// <summary>y = (x − mean) · scale · w + b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void NormRow(float* x, float* y, int n, float mean, float scale, float* w, float* b)
    {
        Vector512<float> m = Vector512.Create(mean), s = Vector512.Create(scale);
        int i = 0;
        for (; i <= n - Width; i += Width)
        {
            var value = (Vector512.Load(x + i) - m) * s;
            if (w != null) value *= Vector512.Load(w + i);
            if (b != null) value += Vector512.Load(b + i);
            value.Store(y + i);
        }
        if (i < n) NormRowTail(x + i, y + i, n - i, m, s, w == null ? null : w + i, b == null ? null : b + i);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void NormRowTail(float* x, float* y, int left, Vector512<float> mean, Vector512<float> scale, float* w, float* b)
    {
        var value = (LoadTail(x, left) - mean) * scale;
        if (w != null) value *= LoadTail(w, left);
        if (b != null) value += LoadTail(b, left);
        StoreTail(value, y, left);
    }

    /// <summary>Adds Σ g (x − mean) and Σ g with g = dy · w, and to each channel's sums dy · x̂ and dy.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void NormProducts(float* x, float* dy, int n, float mean, float scale, float* w, float* dw, float* db, ref double product, ref double sum)
    {
        Vector512<float> m = Vector512.Create(mean), s = Vector512.Create(scale);
        for (int first = 0; first < n; first += ReducePiece)
        {
            int i = first, end = Math.Min(n, first + ReducePiece);
            Vector512<float> products = default, sums = default;
            for (; i <= end - Width; i += Width)
            {
                Vector512<float> g = Vector512.Load(dy + i), h = Vector512.Load(x + i) - m;
                if (dw != null)
                {
                    (Vector512.Load(dw + i) + g * (h * s)).Store(dw + i);
                    (Vector512.Load(db + i) + g).Store(db + i);
                }
                if (w != null) g *= Vector512.Load(w + i);
                products += g * h;
                sums += g;
            }
            product += Vector512.Sum(products);
            sum += Vector512.Sum(sums);
            for (; i < end; i++)
            {
                float g = dy[i], h = x[i] - mean;
                if (dw != null)
                {
                    dw[i] += g * (h * scale);
                    db[i] += g;
                }
                if (w != null) g *= w[i];
                product += g * h;
                sum += g;
            }
        }
    }

    /// <summary>The same for planes of channels, whose sums are set.</summary>
    private static void NormPlaneProducts(float* x, float* dy, RowNormSizes sizes, float mean, float scale, float* w, float* dw, float* db, ref double product, ref double sum)
    {
        for (int c = 0; c < sizes.Channels; c++)
        {
            double planeProduct = 0, planeSum = 0;
            long at = (long)c * sizes.Space;
            ProductsAlong(x + at, dy + at, mean, sizes.Space, ref planeProduct, ref planeSum);
            if (dw != null)
            {
                dw[c] = (float)(planeProduct * scale);
                db[c] = (float)planeSum;
            }
            product += planeProduct * (w == null ? 1 : w[c]);
            sum += planeSum * (w == null ? 1 : w[c]);
        }
    }

    /// <summary>dx = (x − mean) · q + r + dy · w · scale.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void NormRowGradient(float* x, float* dy, float* dx, int n, float mean, float q, float r, float scale, float* w)
    {
        if (w == null)
        {
            Affine(x, dy, dx, n, mean, q, r, scale);
            return;
        }
        Vector512<float> m = Vector512.Create(mean), a = Vector512.Create(q), b = Vector512.Create(r), s = Vector512.Create(scale);
        int i = 0;
        for (; i <= n - Width; i += Width)
            ((Vector512.Load(x + i) - m) * a + b + Vector512.Load(dy + i) * (Vector512.Load(w + i) * s)).Store(dx + i);
        for (; i < n; i++) dx[i] = (x[i] - mean) * q + r + dy[i] * (w[i] * scale);
    }

    /// <summary>y[c] = Σ over slots, the first to the last.</summary>
    private static void SumSlots(float* slots, float* y, int count, int channels, int apart)
    {
        new ReadOnlySpan<float>(slots, channels).CopyTo(new Span<float>(y, channels));
        for (int slot = 1; slot < count; slot++) AddRow(slots + slot * 2L * apart, y, channels);
    }
}
