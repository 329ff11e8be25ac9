using Engine.Kernels;

namespace Engine.Tests;

public class IdleRangesTests
{
    [Test]
    public void Cut_TakesTheFirstRangeThatIsLongEnough()
    {
        var idle = new IdleRanges(100);
        Assert.That((idle.Cut(10), idle.Cut(30), idle.Cut(20), idle.Cut(40)), Is.EqualTo((0L, 10L, 40L, 60L)));
        Assert.That(idle.Cut(1), Is.EqualTo(-1));
        idle.Return(0, 10);
        idle.Return(40, 20);
        Assert.That(idle.Lengths, Is.EqualTo(new[] { 10L, 20L }));
        Assert.That((idle.Cut(21), idle.Cut(15), idle.Cut(10), idle.Cut(5)), Is.EqualTo((-1L, 40L, 0L, 55L)));
        Assert.That(idle.Lengths, Is.Empty);
    }

    [TestCase(0, 1, 2)]
    [TestCase(0, 2, 1)]
    [TestCase(1, 0, 2)]
    [TestCase(1, 2, 0)]
    [TestCase(2, 0, 1)]
    [TestCase(2, 1, 0)]
    public void Return_JoinsNeighbours_InAnyOrder(int first, int second, int third)
    {
        var idle = new IdleRanges(30);
        for (int i = 0; i < 3; i++) idle.Cut(10);
        Assert.That(idle.AreAll, Is.False);
        foreach (int i in new[] { first, second, third }) idle.Return(10 * i, 10);
        Assert.That(idle.Lengths, Is.EqualTo(new[] { 30L }));
        Assert.That(idle.AreAll);
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    public void Anything_InAnyOrder_IsLentOnceAndComesBackWhole(int seed)
    {
        const int Bytes = 400;
        var random = new Random(seed);
        var idle = new IdleRanges(Bytes);
        var lent = new bool[Bytes];
        var held = new List<(int Offset, int Length)>();
        for (int i = 0; i < 5000; i++)
        {
            if (held.Count > 0 && random.Next(2) == 0)
            {
                var (offset, length) = held[random.Next(held.Count)];
                held.Remove((offset, length));
                idle.Return(offset, length);
                lent.AsSpan(offset, length).Clear();
            }
            else
            {
                int length = random.Next(1, 60), offset = (int)idle.Cut(length), fits = FirstFit(lent, length);
                Assert.That(offset, Is.EqualTo(fits));
                if (offset < 0) continue;
                lent.AsSpan(offset, length).Fill(true);
                held.Add((offset, length));
            }
            Assert.That(idle.Lengths.Sum(), Is.EqualTo(lent.Count(taken => !taken)));
        }
        held.ForEach(piece => idle.Return(piece.Offset, piece.Length));
        Assert.That(idle.AreAll);
    }

    private static int FirstFit(bool[] lent, int length)
    {
        for (int i = 0; i + length <= lent.Length; i++)
            if (!lent.AsSpan(i, length).Contains(true)) return i;
        return -1;
    }
}
