using Engine.Kernels;

namespace Engine.Core;

// Changes number by number.
public static partial class InPlace
{
    /// <summary>target ← factor · target.</summary>
    /// <param name="target">What changes; Float32.</param>
    /// <param name="factor">By how much.</param>
    public static void Scale(Tensor target, double factor) => Change<MultiplyScalar>(target, nameof(Scale), factor);

    /// <summary>target ← target held within [min, max]; NaN stays NaN.</summary>
    /// <param name="target">What changes; Float32.</param>
    /// <param name="min">The least.</param>
    /// <param name="max">The most.</param>
    /// <exception cref="ArgumentException">min is over max, or one is NaN.</exception>
    public static void Clamp(Tensor target, double min, double max)
    {
        if (!(min <= max)) throw new ArgumentException($"Clamp: {min} to {max} holds no number.", nameof(min));
        Change<Clamp>(target, nameof(Clamp), min, max);
    }

    private static void Change<F>(Tensor target, string what, double a = 0, double b = 0) where F : struct, IUnaryFunction
    {
        MayChange(target, what);
        using var whole = Kernels.Cancellation.Suspend();
        target.Device.Unary<F>(target.View, target.View, a, b);
        target.Storage.Version++;
    }
}
