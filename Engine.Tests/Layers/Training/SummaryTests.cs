using Engine.Core;
using Engine.Kernels;
using Engine.Layers;
using Relu = Engine.Layers.Relu;

namespace Engine.Tests.Layers.Training;

public class SummaryTests
{
    /// <summary>The article's network; the numbers are Keras' for it, and the work is two operations for each product.</summary>
    [Test]
    public void TheArticlesNetwork_IsSummedUpAsByHand()
    {
        var rng = new Rng(1);
        var model = new Sequential
        {
            { "features", new Sequential { new Conv2d(1, 32, kernelSize: 3, rng, activation: Activation.Relu), new MaxPool2d(2), new Conv2d(32, 64, kernelSize: 3, rng), new MaxPool2d(2) } },
            { "flatten", new Flatten() },
            { "fc", new Linear(1600, 128, rng, Activation.Relu) },
            { "out", new Linear(128, 10, rng) },
        };
        model[0].SetTrainable(false);
        var summary = model.Summary([4, 1, 28, 28]);
        Assert.That(summary.Root.All().Select(l => (l.Path, l.Kind, l.OutputShape?.ToString(), l.Parameters, l.Trainable)), Is.EqualTo(new[]
        {
            ("", "Sequential", "(4, 10)", 225034L, 225034L - 18816),
            ("features", "Sequential", "(4, 64, 5, 5)", 18816L, 0L),
            ("features.0", "Conv2d", "(4, 32, 26, 26)", 320L, 0L),
            ("features.1", "MaxPool2d", "(4, 32, 13, 13)", 0L, 0L),
            ("features.2", "Conv2d", "(4, 64, 11, 11)", 18496L, 0L),
            ("features.3", "MaxPool2d", "(4, 64, 5, 5)", 0L, 0L),
            ("flatten", "Flatten", "(4, 1600)", 0L, 0L),
            ("fc", "Linear", "(4, 128)", 204928L, 204928L),
            ("out", "Linear", "(4, 10)", 1290L, 1290L),
        }));
        long conv1 = 2L * 4 * 32 * 26 * 26 * 9, conv2 = 2L * 4 * 64 * 11 * 11 * 32 * 9, fc = 2L * 4 * 1600 * 128, last = 2L * 4 * 128 * 10;
        Assert.That(summary.Root.All().Select(l => l.Flops), Is.EqualTo(new[] { conv1 + conv2 + fc + last, conv1 + conv2, conv1, 0, conv2, 0, 0, fc, last }));
        Assert.That(summary.Root.StateBytes, Is.EqualTo(4 * 225034));
        Assert.That(summary.ToString().Split('\n')[^2], Is.EqualTo("225,034 parameters, 206,218 trainable, 18,816 frozen; 900,136 bytes with buffers"));
        Assert.That(summary.ToString(), Does.Contain("Linear 1600 -> 128, Relu").And.Contain("(4, 64, 11, 11)").And.EndsWith("MFLOPs forward for an input (4, 1, 28, 28)"));
    }

    [Test]
    public void ASharedLayer_CountsOnce_AndItsWorkAsOftenAsItIsUsed()
    {
        var shared = new Linear(8, 8, new Rng(1));
        var summary = new Sequential { shared, new Relu(), shared }.Summary([3, 8]);
        Assert.That(summary.Parameters, Is.EqualTo(72));
        Assert.That(summary.Flops, Is.EqualTo(2 * (2 * 3 * 8 * 8) + 3 * 8));
        Assert.That(summary.Root.Children.Select(c => (c.Name, c.IsRepeat, c.Parameters)), Is.EqualTo(new[] { ("0", false, 72L), ("1", false, 0L), ("2", true, 0L) }));
        Assert.That(summary.ToString(), Does.Contain("(as above)"));
    }

    [Test]
    public void ItChangesNothing_AndLeavesNothingBehind()
    {
        using var device = new CpuDevice(1);
        var model = SmallModel.Trainer(device).Model;
        float[] before = SmallModel.Numbers(model);
        long used = device.BytesInUse;
        model.Summary([16, 2]);
        Assert.That(SmallModel.Numbers(model), Is.EqualTo(before));
        Assert.That(device.BytesInUse, Is.EqualTo(used));
        Assert.That(() => model.Summary([16, 3]), Throws.TypeOf<ShapeException>().With.Message.StartsWith("0 (Linear 2 -> 16)"));
    }
}
