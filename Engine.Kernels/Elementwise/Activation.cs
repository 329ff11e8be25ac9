namespace Engine.Kernels;

/// <summary>The function that ends a matrix product, a convolution or a layer.</summary>
public enum Activation
{
    /// <summary>y = x.</summary>
    None,
    /// <summary>y = max(x, 0).</summary>
    Relu,
}
