using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests.Layers.Training;

public class ResumeWithLoaderTests
{
    private static readonly LabelledImages Images = DrawnDigits.Draw(90, new Rng(1));

    /// <summary>Every augmentation, each drawing at random, and a last batch that is not full.</summary>
    private static DataLoader<LabelledImage> Data(int workers) => new(Images, new Mixup<LabelledImage>(new ImageCollator(new RandomHorizontalFlip(), new RandomVerticalFlip(),
        new RandomRotation(10), new RandomShift(2), new RandomCrop(24, 24, padding: 1), new BrightnessContrast(.2, .2), new Cutout(6), new Normalize([.13f], [.31f])), 10), 16, seed: 4, shuffle: true, workers: workers);

    private static Trainer Make(ulong seed)
    {
        var rng = new Rng(seed);
        var model = new Sequential { new Conv2d(1, 4, 3, rng, activation: Activation.Relu), new MaxPool2d(2), new Flatten(), new Dropout(.2), new Linear(4 * 11 * 11, 10, rng) };
        return new Trainer(model, new Adam(model.Parameters, 1e-2), (y, t) => -(y.LogSoftmax(1) * t).Sum() / 10);
    }

    private static float[] Numbers(Trainer trainer) => [.. trainer.Model.Parameters.SelectMany(p => p.Value.ToArray())];

    [Test]
    public void ARunOnAugmentedImages_InterruptedInMidEpoch_EndsWithTheVeryBits([Values(0, 1, 2)] int workers)
    {
        var whole = Make(1);
        var losses = whole.Fit(Data(2), epochs: 3, rng: new Rng(7)).Select(epoch => epoch.Loss).ToArray();
        foreach (int stop in new[] { 3, 8, 14 })
        {
            using var folder = new TemporaryFolder();
            using var cancel = new CancellationTokenSource();
            var checkpoints = new Checkpoints(folder.Path) { EverySteps = 2 };
            Assert.That(() => Make(1).Fit(Data(workers), epochs: 3, rng: new Rng(7), callbacks: [new StreamLoaderTests.Stop(stop, cancel)], checkpoints: checkpoints, cancel: cancel.Token),
                Throws.InstanceOf<OperationCanceledException>());
            DataThreads.RequireNone();
            var resumed = Make(50);
            var history = resumed.Fit(Data(2 - workers), epochs: 3, rng: new Rng(7), callbacks: [new StreamLoaderTests.Stop(-1, cancel)], checkpoints: checkpoints);
            Assert.That(Numbers(resumed), Is.EqualTo(Numbers(whole)), $"stopped after step {stop}");
            Assert.That(history.Select(epoch => epoch.Loss), Is.EqualTo(losses));
        }
        DataThreads.RequireNone();
    }
}
