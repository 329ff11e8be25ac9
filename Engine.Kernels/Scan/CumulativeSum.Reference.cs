namespace Engine.Kernels;

public sealed partial class ReferenceDevice
{
    // y_oni = Σ_{m ≤ n} x_omi, reversed Σ_{m ≥ n} x_omi
    private protected override void CumulativeSumCore(View x, View y, ReduceSizes sizes, bool reversed)
    {
        Span<double> X = Values(x), Y = Values(y);
        for (int o = 0; o < sizes.Outer; o++)
        {
            for (int i = 0; i < sizes.Inner; i++)
            {
                double sum = 0;
                for (int k = 0; k < sizes.N; k++)
                {
                    int n = reversed ? sizes.N - 1 - k : k, at = (o * sizes.N + n) * sizes.Inner + i;
                    sum += X[at];
                    Y[at] = sum;
                }
            }
        }
    }
}
