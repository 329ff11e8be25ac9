using Engine.Core;
using Engine.Kernels;

namespace Engine.Benchmarks;

/// <summary>One way to a ladder's result.</summary>
/// <param name="Name">What it changes against the rung before.</param>
/// <param name="Run">Computes the result into the ladder's memory.</param>
/// <param name="IsThreaded">On all processors; one otherwise.</param>
internal sealed record Rung(string Name, Action Run, bool IsThreaded = false);

/// <summary>A problem, and the ways to its result: the formula first, then one change a rung. Inputs are normal numbers, the same in each run.</summary>
internal abstract unsafe class Ladder : IDisposable
{
    private const int Guards = 64;

    private readonly Floats[] inputs;
    private readonly Floats results;
    private readonly Shape[] shapes;
    private readonly int count;

    protected Ladder(Shape results, params Shape[] inputs)
    {
        (shapes, count) = (inputs, results.Count);
        this.results = new Floats(count + Guards);
        this.inputs = [.. inputs.Select((shape, i) =>
        {
            var numbers = new Floats(shape.Count);
            Tensor.Normal(shape, new Rng((ulong)i + 1)).CopyTo(numbers.Span);
            return numbers;
        })];
    }

    /// <summary>The problem with its sizes.</summary>
    public abstract string Problem { get; }

    /// <summary>Multiplications and additions of the formula.</summary>
    public abstract double Flops { get; }

    /// <summary>From the formula to the fastest.</summary>
    public abstract IReadOnlyList<Rung> Rungs { get; }

    protected float* Result => results.At;

    /// <summary>What a rung computes.</summary>
    /// <exception cref="InvalidOperationException">It wrote past the result's end.</exception>
    public float[] Compute(Rung rung)
    {
        results.Span.Fill(float.NaN);
        rung.Run();
        if (results.Span[count..].ContainsAnyExcept(float.NaN)) throw new InvalidOperationException($"{rung.Name}: wrote past the result's end.");
        return results.Span[..count].ToArray();
    }

    /// <summary>The engine's own op on the same numbers.</summary>
    public Func<Tensor> OnDevice(Device device)
    {
        Tensor[] tensors = [.. inputs.Zip(shapes, (numbers, shape) => Tensor.From(numbers.Span, shape, device))];
        return () => Apply(tensors);
    }

    public void Dispose()
    {
        foreach (var each in inputs) each.Dispose();
        results.Dispose();
    }

    protected abstract Tensor Apply(Tensor[] inputs);

    protected float* Input(int i) => inputs[i].At;
}
