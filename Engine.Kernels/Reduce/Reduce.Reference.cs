namespace Engine.Kernels;

public sealed partial class ReferenceDevice
{
    // y_oi = R(x_o1i … x_oNi)
    private protected override void ReduceCore<R, T>(View x, View y, ReduceSizes sizes, double scale)
    {
        Span<double> X = Values(x), Y = Values(y);
        var row = new double[sizes.N];
        for (int o = 0; o < sizes.Outer; o++)
            for (int i = 0; i < sizes.Inner; i++)
            {
                for (int n = 0; n < sizes.N; n++) row[n] = X[(o * sizes.N + n) * sizes.Inner + i];
                Y[o * sizes.Inner + i] = R.Reference(row, scale);
            }
    }
}
