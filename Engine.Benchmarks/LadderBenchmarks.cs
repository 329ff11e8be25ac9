using BenchmarkDotNet.Attributes;

namespace Engine.Benchmarks;

/// <summary>Each rung of a ladder by itself.</summary>
public abstract class LadderBenchmarks
{
    private Ladder ladder = null!;
    private Action run = null!;

    /// <summary>The rungs, the first at the foot.</summary>
    public IEnumerable<string> Names
    {
        get
        {
            using var all = Make();
            return [.. all.Rungs.Select(rung => rung.Name)];
        }
    }

    [ParamsSource(nameof(Names))]
    public string Rung { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        ladder = Make();
        run = ladder.Rungs.Single(rung => rung.Name == Rung).Run;
    }

    [GlobalCleanup]
    public void Cleanup() => ladder.Dispose();

    [Benchmark]
    public void Climb() => run();

    private protected abstract Ladder Make();
}

/// <summary>768×768 · 768×768.</summary>
public class MatMulLadderBenchmarks : LadderBenchmarks
{
    private protected override Ladder Make() => new MatMulLadder();
}

/// <summary>A residual network's layer of 64 channels, 3×3.</summary>
public class Conv2dLadderBenchmarks : LadderBenchmarks
{
    private protected override Ladder Make() => new Conv2dLadder();
}

/// <summary>8 heads, 512 queries and keys of 64 numbers.</summary>
public class AttentionLadderBenchmarks : LadderBenchmarks
{
    private protected override Ladder Make() => new AttentionLadder();
}
