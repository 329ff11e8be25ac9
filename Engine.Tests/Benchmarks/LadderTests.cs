using Engine.Benchmarks;
using Engine.Kernels;

namespace Engine.Tests;

public class LadderTests
{
    // At, below and above tiles, vectors, blocks and bands.
    private static readonly Func<Ladder>[] Ladders =
    [
        () => new MatMulLadder(1, 1, 1), () => new MatMulLadder(3, 31, 15), () => new MatMulLadder(4, 32, 128), () => new MatMulLadder(5, 33, 129),
        () => new MatMulLadder(97, 80, 260), () => new MatMulLadder(200, 7, 1),
        () => new Conv2dLadder(new(1, 1, 3, 3, 1, 3, 3, Pad: 0)), () => new Conv2dLadder(new(2, 16, 8, 8, 32, 3, 3, Pad: 1)),
        () => new Conv2dLadder(new(3, 17, 7, 21, 33, 3, 3, Pad: 1)), () => new Conv2dLadder(new(1, 3, 37, 5, 5, 3, 3, Pad: 2)),
        () => new Conv2dLadder(new(1, 2, 4, 70, 3, 3, 3, Pad: 1)), () => new Conv2dLadder(new(2, 5, 9, 20, 34, 1, 1, Pad: 0)),
        () => new Conv2dLadder(new(2, 3, 6, 18, 4, 5, 2, Pad: 2)), () => new Conv2dLadder(new(1, 2, 1, 1, 2, 3, 3, Pad: 1)),
        () => new AttentionLadder(new(1, 1, 1)), () => new AttentionLadder(new(2, 64, 32)), () => new AttentionLadder(new(3, 65, 33)),
        () => new AttentionLadder(new(2, 131, 16)), () => new AttentionLadder(new(1, 31, 70)),
    ];

    public static IEnumerable<TestCaseData> Problems => Cases((_, i) => i == 0);

    public static IEnumerable<TestCaseData> Rungs => Cases((_, i) => i > 0);

    public static IEnumerable<TestCaseData> Threaded => Cases((rung, _) => rung.IsThreaded);

    [TestCaseSource(nameof(Rungs))]
    public void Rung_IsTheFirst(int problem, int rung)
    {
        using var ladder = Ladders[problem]();
        float[] expected = ladder.Compute(ladder.Rungs[0]), y = ladder.Compute(ladder.Rungs[rung]);
        Assert.That(y, Is.EqualTo(expected).Within(1e-5f * expected.Max(MathF.Abs)));
    }

    [TestCaseSource(nameof(Threaded))]
    public void ThreadedRung_HasTheBitsOfTheOneBefore(int problem, int rung)
    {
        using var ladder = Ladders[problem]();
        Assert.That(ladder.Compute(ladder.Rungs[rung]), Is.EqualTo(ladder.Compute(ladder.Rungs[rung - 1])));
    }

    [TestCaseSource(nameof(Problems))]
    public void TheEngine_IsTheFirst(int problem, int rung)
    {
        using var ladder = Ladders[problem]();
        float[] expected = ladder.Compute(ladder.Rungs[rung]);
        Assert.That(ladder.OnDevice(Device.Cpu)().ToArray(), Is.EqualTo(expected).Within(1e-5f * expected.Max(MathF.Abs)));
    }

    private static IEnumerable<TestCaseData> Cases(Func<Rung, int, bool> which)
    {
        for (int problem = 0; problem < Ladders.Length; problem++)
        {
            using var ladder = Ladders[problem]();
            for (int i = 0; i < ladder.Rungs.Count; i++)
                if (which(ladder.Rungs[i], i)) yield return new TestCaseData(problem, i).SetArgDisplayNames(ladder.Problem, ladder.Rungs[i].Name);
        }
    }
}
