using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests;

public class AugmentationTests
{
    private static float[] Ramp(int count) => [.. Enumerable.Range(1, count).Select(i => (float)i)];

    private static float[] Apply(Augmentation augmentation, float[] image, ImageSize size, ulong seed = 1)
    {
        var result = Enumerable.Repeat(float.NaN, augmentation.Output(size).Count).ToArray();   // every number has to be written
        float[] before = [.. image];
        augmentation.Apply(image, size, result, new Rng(seed));
        Assert.That(image, Is.EqualTo(before), "what goes in stays as it is");
        Assert.That(result, Has.None.NaN);
        return result;
    }

    private static readonly Augmentation[] Each =
    [
        new RandomHorizontalFlip(), new RandomVerticalFlip(), new RandomShift(2), new RandomCrop(3, 4, 1), new RandomRotation(30),
        new Normalize([.5f, .4f], [.2f, .1f]), new Cutout(2), new BrightnessContrast(.3, .3),
    ];

    [TestCaseSource(nameof(Each))]
    public void Apply_IsAFunctionOfImageAndSeed(Augmentation augmentation)
    {
        var size = new ImageSize(2, 5, 4);
        float[] image = [.. Ramp(40).Select(v => v / 40)];
        for (ulong seed = 0; seed < 50; seed++) Assert.That(Apply(augmentation, image, size, seed), Is.EqualTo(Apply(augmentation, image, size, seed)));
        if (augmentation is not Normalize)
            Assert.That(Enumerable.Range(0, 50).Select(seed => string.Join(' ', Apply(augmentation, image, size, (ulong)seed))).Distinct().Count(), Is.GreaterThan(1));
    }

    [TestCaseSource(nameof(Each))]
    public void Apply_TakesImagesOfOnePixel(Augmentation augmentation)
    {
        for (ulong seed = 0; seed < 20 && augmentation is not RandomCrop; seed++) Apply(augmentation, [.1f, .2f], new ImageSize(2, 1, 1), seed);
    }

    [Test]
    public void Flips_ExchangeSides()
    {
        var size = new ImageSize(2, 2, 3);
        Assert.That(Apply(new RandomHorizontalFlip(1), Ramp(12), size), Is.EqualTo(new float[] { 3, 2, 1, 6, 5, 4, 9, 8, 7, 12, 11, 10 }));
        Assert.That(Apply(new RandomVerticalFlip(1), Ramp(12), size), Is.EqualTo(new float[] { 4, 5, 6, 1, 2, 3, 10, 11, 12, 7, 8, 9 }));
        Assert.That(Apply(new RandomHorizontalFlip(0), Ramp(12), size), Is.EqualTo(Ramp(12)));
        Assert.That(Apply(new RandomVerticalFlip(0), Ramp(12), size), Is.EqualTo(Ramp(12)));
        Assert.That(() => new RandomHorizontalFlip(1.1), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Shift_MovesByWholePixelsAndBringsInZeros()
    {
        var size = new ImageSize(1, 2, 2);
        var seen = Enumerable.Range(0, 300).Select(seed => string.Join(' ', Apply(new RandomShift(1), Ramp(4), size, (ulong)seed))).ToHashSet();
        Assert.That(seen, Is.EquivalentTo(new[] { "1 2 3 4", "0 1 0 3", "2 0 4 0", "0 0 1 2", "3 4 0 0", "0 0 0 1", "0 0 2 0", "0 3 0 0", "4 0 0 0" }));
        Assert.That(Enumerable.Range(0, 50).Select(seed => Apply(new RandomShift(9), Ramp(4), size, (ulong)seed).Sum()), Has.Some.Zero);
    }

    [Test]
    public void Crop_CutsEveryPlaceOfThePaddedImage()
    {
        var size = new ImageSize(1, 2, 3);
        var seen = Enumerable.Range(0, 300).Select(seed => string.Join(' ', Apply(new RandomCrop(2, 2), Ramp(6), size, (ulong)seed))).ToHashSet();
        Assert.That(seen, Is.EquivalentTo(new[] { "1 2 4 5", "2 3 5 6" }));
        Assert.That(Apply(new RandomCrop(4, 5, 1), Ramp(6), size), Is.EqualTo(new float[] { 0, 0, 0, 0, 0, 0, 1, 2, 3, 0, 0, 4, 5, 6, 0, 0, 0, 0, 0, 0 }));
        Assert.That(() => new RandomCrop(5, 3, 1).Output(size), Throws.TypeOf<ShapeException>().With.Message.Contains("5×3"));
    }

    [Test]
    public void Rotation_ByRightAngles_MovesPixelsExactly()
    {
        var size = new ImageSize(1, 3, 3);
        var result = new float[9];
        RandomRotation.Rotate(Ramp(9), size, result, 90);
        Assert.That(result, Is.EqualTo(new float[] { 3, 6, 9, 2, 5, 8, 1, 4, 7 }).Within(1e-4));
        RandomRotation.Rotate(Ramp(9), size, result, 180);
        Assert.That(result, Is.EqualTo(new float[] { 9, 8, 7, 6, 5, 4, 3, 2, 1 }).Within(1e-4));
        Assert.That(Apply(new RandomRotation(0), Ramp(9), size), Is.EqualTo(Ramp(9)));
    }

    [Test]
    public void Rotation_InterpolatesBetweenPixels()
    {
        // A plane stays a plane: f(x, y) = 2x + 3y + 1, turned by 20°, wherever all four neighbours are inside.
        const int side = 21, middle = 10;
        var image = Enumerable.Range(0, side * side).Select(i => 2f * (i % side) + 3 * (i / side) + 1).ToArray();
        var result = new float[side * side];
        RandomRotation.Rotate(image, new ImageSize(1, side, side), result, 20);
        var (sin, cos) = Math.SinCos(20 * Math.PI / 180);
        for (int y = 4; y < 17; y++)
            for (int x = 4; x < 17; x++)
            {
                double fromX = middle + cos * (x - middle) - sin * (y - middle), fromY = middle + sin * (x - middle) + cos * (y - middle);
                Assert.That(result[y * side + x], Is.EqualTo(2 * fromX + 3 * fromY + 1).Within(1e-3));
            }
        Assert.That(result[0], Is.Zero, "from outside");
    }

    [Test]
    public void Normalize_IsForEachChannel()
    {
        Assert.That(Apply(new Normalize([1, 2], [.5f, 4]), Ramp(4), new ImageSize(2, 1, 2)), Is.EqualTo(new[] { 0, 2, .25f, .5f }));
        Assert.That(() => new Normalize([1], [1]).Output(new ImageSize(3, 2, 2)), Throws.TypeOf<ShapeException>().With.Message.Contains("3 channels"));
        Assert.That(() => new Normalize([1], [0]), Throws.ArgumentException);
        Assert.That(() => new Normalize([1], [1, 2]), Throws.ArgumentException);
    }

    [Test]
    public void Cutout_ClearsASquareOfAllChannels()
    {
        var size = new ImageSize(2, 8, 8);
        for (ulong seed = 0; seed < 100; seed++)
        {
            float[] result = Apply(new Cutout(3), Ramp(128), size, seed);
            int zeros = result[..64].Count(v => v == 0);
            Assert.That(zeros, Is.AnyOf(4, 6, 9), "a square of 3, less what is past the edges");
            for (int i = 0; i < 64; i++) Assert.That(result[i] == 0, Is.EqualTo(result[64 + i] == 0));
        }
    }

    [Test]
    public void BrightnessContrast_StaysWithinShares()
    {
        float[] image = [0, .25f, .75f, 1];
        for (ulong seed = 0; seed < 50; seed++) Assert.That(Apply(new BrightnessContrast(1, 1), image, new ImageSize(1, 2, 2), seed), Has.All.InRange(0, 1));
        Assert.That(Apply(new BrightnessContrast(), image, new ImageSize(1, 2, 2)), Is.EqualTo(image).Within(1e-6));
    }

    [Test]
    public void ImageCollator_DoesOneAfterAnother_WithEachImagesOwnNumbers([Values(0, 2)] int workers)
    {
        var images = DrawnDigits.Draw(12, new Rng(1));
        Augmentation[] all = [new RandomShift(3), new RandomCrop(24, 26), new RandomRotation(20), new Normalize([.1f], [.3f])];
        var loader = new DataLoader<LabelledImage>(images, new ImageCollator(all), 5, seed: 4, workers: workers);
        int index = 0;
        foreach (var batch in loader.Epoch(2, Device.Cpu))
        {
            float[] rows = batch.Inputs.ToArray();
            Assert.That(batch.Inputs.Shape.Sizes[1..].ToArray(), Is.EqualTo(new[] { 1, 24, 26 }));
            for (int i = 0; i < batch.Count; i++, index++)
            {
                var rng = new Rng(4).Split(2).Split((ulong)index);
                var size = new ImageSize(1, 28, 28);
                float[] image = [.. images.Pixels(index).ToArray().Select(pixel => pixel / 255f)];
                foreach (var one in all)
                {
                    var result = new float[one.Output(size).Count];
                    one.Apply(image, size, result, rng);
                    (image, size) = (result, one.Output(size));
                }
                Assert.That(rows[(i * image.Length)..((i + 1) * image.Length)], Is.EqualTo(image));
            }
        }
        Assert.That(index, Is.EqualTo(12));
    }

    [Test]
    public void Mixup_MixesInputsAndTargetsAlike()
    {
        // Each example's input is its own one-hot row, so that inputs and targets must come out the same.
        const int n = 6;
        var data = Datasets.From(Enumerable.Range(0, n).Select(i =>
        {
            var row = new float[n];
            row[i] = 1;
            return new LabelledExample(row, i);
        }).ToArray());
        var loader = new DataLoader<LabelledExample>(data, new Mixup<LabelledExample>(new ClassCollator([n]), n), n, seed: 5, workers: 1);
        var batch = loader.Epoch(0, Device.Cpu).Single();
        float[] x = batch.Inputs.ToArray(), y = batch.Targets.ToArray();
        Assert.That(y, Is.EqualTo(x));
        var rng = new Rng(5).Split(0).Split(1UL << 32);
        double share = Mixup<LabelledExample>.Beta(1, rng);
        int[] partner = rng.Permutation(n);
        for (int i = 0; i < n; i++)
        {
            Assert.That(y[(i * n)..(i * n + n)].Sum(), Is.EqualTo(1).Within(1e-6));
            if (partner[i] != i) Assert.That((y[i * n + i], y[i * n + partner[i]]), Is.EqualTo(((float)share, 1 - (float)share)));
        }
        Assert.That(loader.Epoch(0, Device.Cpu).Single().Inputs.ToArray(), Is.EqualTo(x));
        var few = new DataLoader<LabelledExample>(data, new Mixup<LabelledExample>(new ClassCollator([n]), 3), n);
        Assert.That(() => few.Epoch(0, Device.Cpu).Single(), Throws.TypeOf<DataLoadException>().With.InnerException.TypeOf<IndexException>());
    }

    [TestCase(.01)]
    [TestCase(.3)]
    [TestCase(1)]
    [TestCase(4)]
    public void Beta_HasItsMeanAndVariance(double alpha)
    {
        var rng = new Rng(8);
        double[] draws = [.. Enumerable.Range(0, 40_000).Select(_ => Mixup<int>.Beta(alpha, rng))];
        Assert.That(draws, Has.All.InRange(0, 1));
        Assert.That(draws.Average(), Is.EqualTo(.5).Within(.01));
        Assert.That(draws.Select(d => (d - .5) * (d - .5)).Average(), Is.EqualTo(1 / (4 * (2 * alpha + 1))).Within(.005));
    }
}
