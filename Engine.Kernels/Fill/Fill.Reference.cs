namespace Engine.Kernels;

public sealed partial class ReferenceDevice
{
    // y_i = value
    private protected override void FillCore(View y, double value)
        => Values(y).Fill(y.DType == DType.Float32 ? value : Math.Truncate(value));

    // y_i = start + i step
    private protected override void FillArangeCore(View y, double start, double step)
    {
        var Y = Values(y);
        for (int i = 0; i < Y.Length; i++) Y[i] = start + i * step;
    }

    // y_i = low + (high − low) u_i
    private protected override void FillUniformCore(View y, ulong key, ulong block, double low, double high)
    {
        var Y = Values(y);
        for (int i = 0; i < Y.Length; i++) Y[i] = low + (high - low) * Philox.Uniform(Philox.Word(key, block * 4 + (ulong)i));
    }

    // y_2i = mean + deviation √(−2 ln u_2i) cos(2π u_2i+1), y_2i+1 likewise with sin
    private protected override void FillNormalCore(View y, ulong key, ulong block, double mean, double deviation)
    {
        var Y = Values(y);
        for (int i = 0; i < Y.Length; i++)
        {
            ulong first = block * 4 + ((ulong)i & ~1UL);
            double u = 1 - (double)Philox.Uniform(Philox.Word(key, first)), angle = 2 * Math.PI * Philox.Uniform(Philox.Word(key, first + 1));
            Y[i] = mean + deviation * Math.Sqrt(-2 * Math.Log(u)) * ((i & 1) == 0 ? Math.Cos(angle) : Math.Sin(angle));
        }
    }
}
