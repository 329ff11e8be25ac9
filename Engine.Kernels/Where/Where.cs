namespace Engine.Kernels;

/// <summary>How a condition and two operands are walked to make a row-major result: a stride of 0 repeats one along that axis.</summary>
/// <param name="Sizes">The result's axes.</param>
/// <param name="Condition">The condition's strides.</param>
/// <param name="A">The first operand's strides.</param>
/// <param name="B">The second operand's strides.</param>
public readonly record struct WhereSizes(Axes Sizes, Axes Condition, Axes A, Axes B);

public abstract partial class Device
{
    /// <summary>y = a where the condition is not 0, else b, number by number, with broadcasting.</summary>
    /// <param name="condition">UInt8.</param>
    /// <param name="a">Float32.</param>
    /// <param name="b">Float32.</param>
    /// <param name="y">Float32, row-major; may be an operand that is not repeated.</param>
    /// <param name="sizes">How the three are walked.</param>
    public void Where(View condition, View a, View b, View y, WhereSizes sizes)
    {
        Check(condition, DType.UInt8);
        Check(a, DType.Float32);
        Check(b, DType.Float32);
        Check(y, DType.Float32, sizes.Sizes.Count);
        if (y.Length > 0) WhereCore(condition, a, b, y, sizes);
        Done(nameof(Where), condition, a, b, y);
    }

    private protected abstract void WhereCore(View condition, View a, View b, View y, WhereSizes sizes);
}
