using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>A function of one number with up to two constants, written once for every device.</summary>
/// <remarks>The double forms are the formula, and what the reference device runs; the float forms run on GPUs, so only what ILGPU can compile
/// may stand in them; the vector form runs on the CPU.</remarks>
public interface IUnaryFunction
{
    /// <summary>The function's name.</summary>
    static abstract string Name { get; }

    /// <summary>Whether <c>Derivative</c> reads the input v = x; else it reads the output v = y, which saves keeping the input.</summary>
    static abstract bool DerivativeUsesInput { get; }

    /// <summary>Whether <c>Derivative</c> is the same everywhere and reads no v, which saves keeping either.</summary>
    static virtual bool IsLinear => false;

    /// <summary>y = f(x; a, b), the defining formula.</summary>
    static abstract double Forward(double x, double a, double b);

    /// <summary>dy/dx from v, the defining formula.</summary>
    static abstract double Derivative(double v, double a, double b);

    /// <summary>y = f(x; a, b) on a GPU.</summary>
    static abstract float Forward(float x, float a, float b);

    /// <summary>dy/dx from v on a GPU.</summary>
    static abstract float Derivative(float v, float a, float b);

    /// <summary>y = f(x; a, b), sixteen at a time.</summary>
    static abstract Vector512<float> Forward(Vector512<float> x, float a, float b);

    /// <summary>dy/dx from v, sixteen at a time.</summary>
    static abstract Vector512<float> Derivative(Vector512<float> v, float a, float b);
}

public abstract partial class Device
{
    /// <summary>y[i] = F(x[i]; a, b).</summary>
    /// <param name="x">Float32.</param>
    /// <param name="y">Float32, as long as x; may be x itself.</param>
    /// <param name="a">The function's first constant.</param>
    /// <param name="b">The function's second constant.</param>
    public void Unary<F>(View x, View y, double a = 0, double b = 0) where F : struct, IUnaryFunction
    {
        Check(x, DType.Float32);
        Check(y, DType.Float32, x.Length);
        if (x.Length > 0) UnaryCore<F>(x, y, a, b);
        Done(F.Name, x, y);
    }

    /// <summary>dx[i] = dy[i] · F'(v[i]; a, b), where v is F's input or output, whichever its derivative uses.</summary>
    /// <param name="v">Float32; <see cref="IUnaryFunction.DerivativeUsesInput"/> says which, and where <see cref="IUnaryFunction.IsLinear"/> anything.</param>
    /// <param name="dy">Float32, as long as v.</param>
    /// <param name="dx">Float32, as long as v; may be dy itself.</param>
    /// <param name="a">The function's first constant.</param>
    /// <param name="b">The function's second constant.</param>
    public void UnaryBackward<F>(View v, View dy, View dx, double a = 0, double b = 0) where F : struct, IUnaryFunction
    {
        Check(v, DType.Float32);
        Check(dy, DType.Float32, v.Length);
        Check(dx, DType.Float32, v.Length);
        if (v.Length > 0) UnaryBackwardCore<F>(v, dy, dx, a, b);
        Done(F.Name + "Backward", v, dy, dx);
    }

    private protected abstract void UnaryCore<F>(View x, View y, double a, double b) where F : struct, IUnaryFunction;

    private protected abstract void UnaryBackwardCore<F>(View v, View dy, View dx, double a, double b) where F : struct, IUnaryFunction;
}
