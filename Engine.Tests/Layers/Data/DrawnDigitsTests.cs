using Engine.Core;
using Engine.Layers;

namespace Engine.Tests;

public class DrawnDigitsTests
{
    [Test]
    public void Draw_WithOneSeed_GivesTheSameImages_AndWithAnotherOthers()
    {
        var first = DrawnDigits.Draw(50, new Rng(1));
        Assert.That(Pixels(DrawnDigits.Draw(50, new Rng(1))), Is.EqualTo(Pixels(first)));
        Assert.That(Pixels(DrawnDigits.Draw(50, new Rng(2))), Is.Not.EqualTo(Pixels(first)));
    }

    [Test]
    public void Draw_CoversEveryDigit_AndLeavesInkInEach()
    {
        var images = DrawnDigits.Draw(500, new Rng(3));
        Assert.That(images.Labels.ToArray().Distinct().Count(), Is.EqualTo(10));
        for (int i = 0; i < images.Count; i++)
            Assert.That(images.Pixels(i).ToArray().Count(p => p > 120), Is.InRange(15, 300), $"image {i}, a {images.Labels[i]}");
    }

    private static byte[] Pixels(LabelledImages images) => [.. Enumerable.Range(0, images.Count).SelectMany(i => images.Pixels(i).ToArray())];
}
