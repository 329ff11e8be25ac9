namespace Engine.Kernels;

/// <summary>The function that ends a matrix product, a convolution or a layer.</summary>
public enum Activation
{
    /// <summary>y = x.</summary>
    None,
    /// <summary>y = max(x, 0): <see cref="Kernels.Relu"/>.</summary>
    Relu,
    /// <summary>y = x·Φ(x): <see cref="Kernels.Gelu"/>.</summary>
    Gelu,
    /// <summary>y = 1/(1 + e⁻ˣ): <see cref="Kernels.Sigmoid"/>.</summary>
    Sigmoid,
    /// <summary>y = tanh x: <see cref="Kernels.Tanh"/>.</summary>
    Tanh,
    /// <summary>y = x·σ(x): <see cref="Kernels.Silu"/>.</summary>
    Silu,
    /// <summary>y = ½x(1 + tanh(√(2/π)(x + 0.044715x³))): <see cref="Kernels.GeluTanh"/>.</summary>
    GeluTanh,
}

/// <summary>What is asked of an <see cref="Activation"/>.</summary>
public static class Activations
{
    /// <summary>Whether the derivative reads the input rather than the output: a kernel that keeps only the output cannot be differentiated.</summary>
    public static bool DerivativeUsesInput(this Activation activation) => activation switch
    {
        Activation.Relu => Relu.DerivativeUsesInput,
        Activation.Gelu => Gelu.DerivativeUsesInput,
        Activation.Sigmoid => Sigmoid.DerivativeUsesInput,
        Activation.Tanh => Tanh.DerivativeUsesInput,
        Activation.Silu => Silu.DerivativeUsesInput,
        Activation.GeluTanh => GeluTanh.DerivativeUsesInput,
        _ => false,
    };
}

public abstract partial class Device
{
    /// <summary>y[i] = f(x[i]).</summary>
    /// <param name="x">Float32.</param>
    /// <param name="y">Float32, as long as x; may be x itself.</param>
    /// <param name="activation">f, not None.</param>
    public void Activate(View x, View y, Activation activation)
    {
        switch (activation)
        {
            case Activation.Relu: Unary<Relu>(x, y); break;
            case Activation.Gelu: Unary<Gelu>(x, y); break;
            case Activation.Sigmoid: Unary<Sigmoid>(x, y); break;
            case Activation.Tanh: Unary<Tanh>(x, y); break;
            case Activation.Silu: Unary<Silu>(x, y); break;
            case Activation.GeluTanh: Unary<GeluTanh>(x, y); break;
            default: throw new ArgumentOutOfRangeException(nameof(activation), activation, "There is nothing to apply.");
        }
    }

    /// <summary>dx[i] = dy[i] · f'(v[i]).</summary>
    /// <param name="v">Float32; f's input or output, as <see cref="Activations.DerivativeUsesInput"/> says.</param>
    /// <param name="dy">Float32, as long as v.</param>
    /// <param name="dx">Float32, as long as v; may be dy itself.</param>
    /// <param name="activation">f, not None.</param>
    public void ActivateBackward(View v, View dy, View dx, Activation activation)
    {
        switch (activation)
        {
            case Activation.Relu: UnaryBackward<Relu>(v, dy, dx); break;
            case Activation.Gelu: UnaryBackward<Gelu>(v, dy, dx); break;
            case Activation.Sigmoid: UnaryBackward<Sigmoid>(v, dy, dx); break;
            case Activation.Tanh: UnaryBackward<Tanh>(v, dy, dx); break;
            case Activation.Silu: UnaryBackward<Silu>(v, dy, dx); break;
            case Activation.GeluTanh: UnaryBackward<GeluTanh>(v, dy, dx); break;
            default: throw new ArgumentOutOfRangeException(nameof(activation), activation, "There is nothing to differentiate.");
        }
    }
}
