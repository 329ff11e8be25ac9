using Engine.Core;
using Engine.Layers;

namespace Engine.Tests.Layers.Training;

public class WeightConstraintTests
{
    public static IEnumerable<string> Devices => TestDevices.Names;

    [TestCaseSource(nameof(Devices))]
    public void LimitRowNorms_ScalesLongRows_AndLeavesTheOthersTheirBits(string device)
    {
        float[] first = [3, 0, 4, 0, 0.1f, 0.7f, -1, 0.3f, 0, 0, 0, 0];
        var weight = new Parameter("w", Tensor.From(first, [3, 2, 2], TestDevices.Get(device)));
        weight.LimitRowNorms(2);
        float[] now = weight.Value.ToArray();
        Assert.That(now[..4], Is.EqualTo(new[] { 1.2f, 0, 1.6f, 0 }).Within(1e-6));
        Assert.That(now[4..], Is.EqualTo(first[4..]));
    }

    [Test]
    public void LimitRowNorms_OfWhatHasNone_IsRefused()
    {
        var weight = new Parameter("w", Tensor.Ones([3, 2]));
        Assert.That(() => weight.LimitRowNorms(0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => weight.LimitRowNorms(double.NaN), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new Parameter("b", Tensor.Ones([3])).LimitRowNorms(1), Throws.TypeOf<ShapeException>().With.Message.StartsWith("b (3) has no rows"));
    }

    [Test]
    public void AfterStep_ComesAfterEachStep_WithTheNewWeights()
    {
        var model = new Linear(2, 1, new Rng(1), bias: false);
        var seen = new List<double>();
        var trainer = new Trainer(model, new Sgd(model.Parameters, learningRate: 10), Loss.MeanSquaredError)
        {
            AfterStep = parameters =>
            {
                parameters[0].LimitRowNorms(0.5);
                seen.Add(Math.Sqrt(parameters[0].Value.ToArray().Sum(w => (double)w * w)));
            },
        };
        var data = new TensorBatches(Tensor.Normal([12, 2], new Rng(2)), Tensor.Normal([12, 1], new Rng(3)) + 5, batchSize: 4);
        trainer.Fit(data, epochs: 2);
        Assert.That(seen, Has.Count.EqualTo(6).And.All.EqualTo(0.5).Within(1e-6));
    }
}
