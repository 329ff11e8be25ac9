namespace Engine.Kernels;

public sealed partial class ReferenceDevice
{
    // y_i = x_i as y's type has it
    private protected override void CastCore(View x, View y)
    {
        Span<double> X = Values(x), Y = Values(y);
        for (int i = 0; i < Y.Length; i++)
            Y[i] = y.DType switch
            {
                DType.Float32 => X[i],
                DType.Int32 => Whole(X[i], int.MinValue, int.MaxValue),
                DType.UInt8 => Whole(X[i], byte.MinValue, byte.MaxValue),
                DType.Int8 => Whole(X[i], sbyte.MinValue, sbyte.MaxValue),
                DType.Float16 => (double)(Half)(float)X[i],
                _ => BFloat16.ToSingle(BFloat16.Bits((float)X[i])),
            };
    }

    private static double Whole(double x, double least, double most) => double.IsNaN(x) ? 0 : Math.Truncate(Math.Clamp(x, least, most));
}
