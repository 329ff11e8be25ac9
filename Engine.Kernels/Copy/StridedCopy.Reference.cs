namespace Engine.Kernels;

public sealed partial class ReferenceDevice
{
    // y[i·to] = x[start + i·from]
    private protected override void StridedCopyCore(View x, View y, CopySizes sizes)
    {
        Span<double> X = Values(x), Y = Values(y);
        for (int i = 0; i < sizes.Count; i++) Y[sizes.Sizes.Offset(i, sizes.To)] = X[sizes.Start + sizes.Sizes.Offset(i, sizes.From)];
    }
}
