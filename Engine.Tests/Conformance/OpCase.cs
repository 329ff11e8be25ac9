using System.Text;
using Engine.Core;
using Engine.Kernels;

namespace Engine.Tests.Conformance;

/// <summary>One use of an op: on every device its value is held against the reference device's, and its gradients against central differences
/// there and then against the reference's.</summary>
/// <param name="Name">Unique; the op, then what is special about the case.</param>
/// <param name="Function">The op under test, from the tensors that <paramref name="Arguments"/> make.</param>
/// <param name="Arguments">Its inputs.</param>
public sealed record OpCase(string Name, Func<Tensor[], Tensor> Function, params Arg[] Arguments)
{
    /// <summary>The most |a − r| may be, relative to 1 + |r|, in Float32.</summary>
    public double Tolerance { get; init; } = 2e-5;

    /// <summary>False for a case too large for the emulator, which is a debugger.</summary>
    public bool Emulate { get; init; } = true;

    /// <summary>False where the function has no derivative, or is not differentiable at its inputs.</summary>
    public bool HasGradient { get; init; } = true;

    public Tensor[] Make(Device device)
        => [.. Arguments.Select((a, i) => a.Make(device, (ulong)i + Hash(Name)))];

    public override string ToString() => Name;

    private static ulong Hash(string text)
    {
        ulong hash = 14695981039346656037;                          // FNV-1a
        foreach (byte b in Encoding.UTF8.GetBytes(text)) hash = (hash ^ b) * 1099511628211;
        return hash;
    }
}

/// <summary>A family's cases. Every type that implements it is found by the suite.</summary>
public interface IOpCases
{
    static abstract IEnumerable<OpCase> All();
}

/// <summary>An input of an <see cref="OpCase"/>: its shape, and which numbers it holds. The same on every device.</summary>
/// <param name="Shape">Its shape.</param>
/// <param name="DType">Its type.</param>
/// <param name="Map">From a uniform number in [0, 1) and the index to the value.</param>
/// <param name="Grad">Whether its gradient is checked.</param>
public sealed record Arg(Shape Shape, DType DType, Func<float, int, float> Map, bool Grad)
{
    /// <summary>In [−2, 2).</summary>
    public static Arg Any(params int[] shape) => new(shape, DType.Float32, (u, _) => 4 * u - 2, true);

    /// <summary>In [0.5, 2.5).</summary>
    public static Arg Positive(params int[] shape) => new(shape, DType.Float32, (u, _) => 0.5f + 2 * u, true);

    /// <summary>In [−2, −0.1) or [0.1, 2): away from the kink at 0.</summary>
    public static Arg AwayFromZero(params int[] shape) => new(shape, DType.Float32, (u, _) => u < 0.5f ? -0.1f - 3.8f * u : 0.1f + 3.8f * (u - 0.5f), true);

    /// <summary>No two alike: for maxima, which have no derivative at a tie.</summary>
    public static Arg Distinct(params int[] shape) => new(shape, DType.Float32, (u, i) => (i * 7919 % 10007 - 5003) * 4e-4f, true);

    /// <summary>Integers in 0..below−1.</summary>
    public static Arg Indices(int below, params int[] shape) => new(shape, DType.Int32, (u, _) => MathF.Floor(u * below), false);

    /// <summary>0 or 1.</summary>
    public static Arg Flags(params int[] shape) => new(shape, DType.UInt8, (u, _) => u < 0.5f ? 0 : 1, false);

    /// <summary>This argument, taken as a constant.</summary>
    public Arg Constant => this with { Grad = false };

    public Tensor Make(Device device, ulong seed)
    {
        var numbers = new float[Shape.Count];
        for (int i = 0; i < numbers.Length; i++) numbers[i] = Map(Philox.Uniform(Philox.Word(seed, (ulong)i)), i);
        var x = DType switch
        {
            DType.Int32 => Tensor.From(Array.ConvertAll(numbers, v => (int)v), Shape, device),
            DType.UInt8 => Tensor.From(Array.ConvertAll(numbers, v => (byte)v), Shape, device),
            _ => Tensor.From(numbers, Shape, device),
        };
        return Grad ? x.WithGrad() : x;
    }
}
