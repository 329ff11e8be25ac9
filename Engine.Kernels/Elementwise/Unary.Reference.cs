namespace Engine.Kernels;

public sealed partial class ReferenceDevice
{
    // y_i = f(x_i)
    private protected override void UnaryCore<F>(View x, View y, double a, double b)
    {
        Span<double> input = Values(x), output = Values(y);
        for (int i = 0; i < input.Length; i++) output[i] = F.Forward(input[i], a, b);
    }

    // dx_i = dy_i f'(x_i)
    private protected override void UnaryBackwardCore<F>(View v, View dy, View dx, double a, double b)
    {
        Span<double> value = Values(v), gradient = Values(dy), result = Values(dx);
        for (int i = 0; i < value.Length; i++) result[i] = gradient[i] * F.Derivative(value[i], a, b);
    }
}
