namespace Engine.Kernels;

public sealed partial class ReferenceDevice
{
    // y_i = scale x_i where ⌊word_i / 2⁸⌋ ≥ least, else 0
    private protected override void DropoutCore(View x, View y, uint least, double scale, ulong key, ulong block)
    {
        Span<double> X = Values(x), Y = Values(y);
        for (int i = 0; i < Y.Length; i++) Y[i] = Philox.Word(key, block * 4 + (ulong)i) >> 8 >= least ? X[i] * scale : 0;
    }
}
