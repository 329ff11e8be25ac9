namespace Engine.Kernels;

public sealed unsafe partial class CpuDevice
{
    private protected override void Conv2dForwardCore(View x, View w, View y, Conv2dSizes sizes, View? bias, Activation activation)
    {
        var z = sizes;
        nint px = (nint)Floats(x), pw = (nint)Floats(w), py = (nint)Floats(y), pb = bias is { } given ? (nint)Floats(given) : 0;
        workers.For(z.N * z.K, plane =>
        {
            int n = plane / z.K, k = plane % z.K;
            float* to = (float*)py + (long)plane * z.Pixels;
            new Span<float>(to, z.Pixels).Fill(pb == 0 ? 0 : ((float*)pb)[k]);
            ForEachTap(z, n, k, (from, at, count, tap) =>
            {
                float weight = ((float*)pw)[k * z.Taps + tap];
                for (int i = 0; i < count; i++) ((float*)py)[(long)plane * z.Pixels + at + i] += weight * ((float*)px)[from + i * z.StrideW];
            });
            Activate(to, z.Pixels, activation);
        });
    }

    private protected override void Conv2dBackwardInputCore(View w, View dy, View dx, Conv2dSizes sizes)
    {
        var z = sizes;
        nint pw = (nint)Floats(w), py = (nint)Floats(dy), px = (nint)Floats(dx);
        Span<float>(dx).Clear();
        workers.For(z.N * z.Groups, unit =>
        {
            int n = unit / z.Groups, g = unit % z.Groups;
            for (int k = g * z.GroupK; k < (g + 1) * z.GroupK; k++)
            {
                int filter = k;
                ForEachTap(z, n, k, (from, at, count, tap) =>
                {
                    float weight = ((float*)pw)[filter * z.Taps + tap];
                    for (int i = 0; i < count; i++) ((float*)px)[from + i * z.StrideW] += weight * ((float*)py)[(n * z.K + filter) * z.Pixels + at + i];
                });
            }
        });
    }

    private protected override void Conv2dBackwardWeightCore(View x, View dy, View dw, Conv2dSizes sizes)
    {
        var z = sizes;
        nint px = (nint)Floats(x), py = (nint)Floats(dy), pw = (nint)Floats(dw);
        Span<float>(dw).Clear();
        workers.For(z.K, k =>
        {
            for (int n = 0; n < z.N; n++)
            {
                int image = n;
                ForEachTap(z, n, k, (from, at, count, tap) =>
                {
                    float sum = 0;
                    for (int i = 0; i < count; i++) sum += ((float*)px)[from + i * z.StrideW] * ((float*)py)[(image * z.K + k) * z.Pixels + at + i];
                    ((float*)pw)[k * z.Taps + tap] += sum;
                });
            }
        });
    }

    private protected override void Conv2dBackwardBiasCore(View dy, View db, Conv2dSizes sizes)
    {
        var z = sizes;
        nint py = (nint)Floats(dy), pb = (nint)Floats(db);
        workers.For(z.K, k =>
        {
            float sum = 0;
            for (int n = 0; n < z.N; n++)
                for (int i = 0; i < z.Pixels; i++) sum += ((float*)py)[(n * z.K + k) * z.Pixels + i];
            ((float*)pb)[k] = sum;
        });
    }

    /// <summary>For each tap of a filter and each row of y: where the row begins in x and in y, and how many results it has.</summary>
    private static void ForEachTap(Conv2dSizes z, int n, int k, Action<int, int, int, int> row)
    {
        for (int tap = 0; tap < z.Taps; tap++)
        {
            int s = tap % z.S, r = tap / z.S % z.R, c = k / z.GroupK * z.GroupC + tap / z.S / z.R;
            int left = s * z.DilationW - z.PadW;
            int first = left >= 0 ? 0 : (-left + z.StrideW - 1) / z.StrideW;
            int last = Math.Min(z.Q, z.W <= left ? 0 : (z.W - 1 - left) / z.StrideW + 1);
            for (int p = 0; p < z.P; p++)
            {
                int h = p * z.StrideH + r * z.DilationH - z.PadH;
                if (h < 0 || h >= z.H || first >= last) continue;
                row(((n * z.C + c) * z.H + h) * z.W + left + first * z.StrideW, p * z.Q + first, last - first, tap);
            }
        }
    }
}
