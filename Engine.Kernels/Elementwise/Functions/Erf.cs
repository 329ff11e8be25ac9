using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>y = erf x = 2/√π ∫₀ˣ e^(−t²) dt, the error function.</summary>
internal readonly struct Erf : IUnaryFunction
{
    /// <inheritdoc/>
    public static string Name => "Erf";
    /// <inheritdoc/>
    public static bool DerivativeUsesInput => true;
    /// <inheritdoc/>
    public static double Forward(double x, double a, double b) => DoubleMath.Erf(x);
    /// <inheritdoc/>
    public static double Derivative(double x, double a, double b) => 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x);
    /// <inheritdoc/>
    public static float Forward(float x, float a, float b) => FloatMath.Erf(x);
    /// <inheritdoc/>
    public static float Derivative(float x, float a, float b) => FloatMath.TwoOverRootPi * FloatMath.Exp(-x * x);
    /// <inheritdoc/>
    public static Vector512<float> Forward(Vector512<float> x, float a, float b) => VectorMath.Erf(x);
    /// <inheritdoc/>
    public static Vector512<float> Derivative(Vector512<float> x, float a, float b) => VectorMath.Exp(-x * x) * FloatMath.TwoOverRootPi;
}
