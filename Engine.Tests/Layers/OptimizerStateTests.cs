using Engine.Core;
using Engine.Layers;

namespace Engine.Tests.Layers;

/// <summary>Parameter groups, and going on from a state that was saved.</summary>
public class OptimizerStateTests
{
    public static IEnumerable<TestCaseData> Kinds()
    {
        yield return Case("Sgd", p => new Sgd(p, 0.1, momentum: 0.9));
        yield return Case("RmsProp", p => new RmsProp(p, 0.1, momentum: 0.5, centered: true));
        yield return Case("Adagrad", p => new Adagrad(p, 0.1, initialSum: 0.5));
        yield return Case("Adadelta", p => new Adadelta(p));
        yield return Case("Adam", p => new Adam(p, 0.1, amsgrad: true));
        yield return Case("AdamW", p => new AdamW(p, 0.1));
        yield return Case("NAdam", p => new NAdam(p, 0.1));
        yield return Case("Adamax", p => new Adamax(p, 0.1));
        yield return Case("Lion", p => new Lion(p, 0.1));
        yield return Case("Lamb", p => new Lamb(p, 0.1));

        static TestCaseData Case(string name, Func<IEnumerable<Parameter>, Optimizer> make) => new TestCaseData(make).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Kinds))]
    public void LoadState_GoesOnToTheSameBits(Func<IEnumerable<Parameter>, Optimizer> make)
    {
        var straight = New();
        var first = make(straight);
        Take(first, straight, 0, 3);
        first.LearningRate = 0.05;
        var saved = first.SaveState();
        var copies = straight.Select(p => new Parameter(p.Name, p.Value.Clone())).ToArray();
        Take(first, straight, 3, 6);

        var second = make(copies);
        second.LoadState(saved);
        Assert.That((second.StepCount, second.LearningRate), Is.EqualTo((3, 0.05)));
        Take(second, copies, 3, 6);
        for (int i = 0; i < copies.Length; i++) Assert.That(copies[i].Value.ToArray(), Is.EqualTo(straight[i].Value.ToArray()));
        Assert.That(second.State().Select(s => s.Key), Is.EqualTo(first.State().Select(s => s.Key)));
    }

    [Test]
    public void LoadState_SaysWhatDoesNotFit_AndChangesNothing()
    {
        Parameter w = new("fc.weight", Tensor.Ones([2, 3])), b = new("fc.bias", Tensor.Ones([3]));
        var adam = new Adam([w, b], 0.1);
        (w.Value + b.Value).Sum().Backward();
        adam.Step();
        var state = adam.SaveState();

        AssertRefused(new Sgd([w, b], 0.1), state, "it is of Adam");
        AssertRefused(new Adam([w], 0.1), state, "this optimizer has no steps.fc.bias");
        AssertRefused(new Adam([new Parameter("fc.weight", Tensor.Ones([3, 2])), b], 0.1), state, "fc.weight.mean is (2, 3) and not (3, 2)");
        AssertRefused(new Adam([w, b], 0.1, amsgrad: true), state, "it lacks fc.weight.largest");
        AssertRefused(new Adam([w, b], 0.1), state with { Tensors = state.Tensors.Where(t => t.Key != "fc.bias.square").ToDictionary() }, "it lacks fc.bias.square");
        AssertRefused(new Adam([w, b], 0.1), state with { Numbers = new Dictionary<string, double>(state.Numbers) { ["steps"] = -1 } }, "steps is -1");
        AssertRefused(new Adam(new ParameterGroups(new([w]), new([b], LearningRate: 1)), 0.1), state, "it lacks groups.first_learning_rate");
        Assert.That(() => new Adam([w, new Parameter("fc.weight", Tensor.Ones([1]))], 0.1).SaveState(), Throws.TypeOf<OptimizerStateException>().With.Message.Contains("fc.weight"));

        static void AssertRefused(Optimizer optimizer, OptimizerState state, string because)
        {
            Assert.That(() => optimizer.LoadState(state), Throws.TypeOf<OptimizerStateException>().With.Message.Contains(because));
            Assert.That(optimizer.StepCount, Is.Zero);
            Assert.That(optimizer.State(), Is.Empty);
        }
    }

    [Test]
    public void SaveState_IsACopy()
    {
        var w = New();
        var sgd = new Sgd(w, 0.1, momentum: 0.9);
        Take(sgd, w, 0, 1);
        var saved = sgd.SaveState();
        float[] before = saved.Tensors["a.momentum"].ToArray();
        Take(sgd, w, 1, 2);
        Assert.That(saved.Tensors["a.momentum"].ToArray(), Is.EqualTo(before));
    }

    [Test]
    public void Groups_HaveRatesAndDecaysOfTheirOwn_ScaledTogether()
    {
        Parameter a = new("a", Tensor.Ones([1])), b = new("b", Tensor.Ones([1])), c = new("c", Tensor.Ones([1]));
        var sgd = new Sgd(new ParameterGroups(new([a]), new([b], LearningRate: 0.01), new([c], WeightDecay: 0.5)), 0.1);
        Step();
        Assert.That(Values(), Is.EqualTo(new[] { 0.9, 0.99, 0.85 }).Within(1e-6));
        sgd.LearningRate = 0.2;
        Assert.That(sgd.LearningRates, Is.EqualTo(new[] { 0.2, 0.02, 0.2 }));
        Step();
        Assert.That(Values(), Is.EqualTo(new[] { 0.7, 0.97, 0.565 }).Within(1e-6));

        // The rates come back to the same bits, whatever the optimizer was made with.
        var again = new Sgd(new ParameterGroups(new([a]), new([b], LearningRate: 7), new([c], WeightDecay: 0.5)), 3);
        again.LoadState(sgd.SaveState());
        Assert.That(again.LearningRates, Is.EqualTo(sgd.LearningRates));
        again.LearningRate = 0.1;
        Assert.That(again.LearningRates, Is.EqualTo(new[] { 0.1, 0.01, 0.1 }));

        double[] Values() => [a.Value.Item(), b.Value.Item(), c.Value.Item()];

        void Step()
        {
            sgd.ZeroGrad();
            (a.Value + b.Value + c.Value).Sum().Backward();
            sgd.Step();
        }
    }

    [Test]
    public void DecayOfWeights_SparesBiasesAndNorms()
    {
        var rng = new Rng(1);
        var model = new Sequential(new Conv2d(1, 2, 3, rng), new BatchNorm2d(2), new Flatten(), new Linear(8, 3, rng));
        var groups = ParameterGroups.DecayOfWeights(model);
        Assert.That(groups.Groups[0].Parameters.Select(p => p.Name), Is.EqualTo(new[] { "0.weight", "3.weight" }));
        Assert.That(groups.Groups[1].Parameters.Select(p => p.Name), Is.EqualTo(new[] { "0.bias", "1.weight", "1.bias", "3.bias" }));
        Assert.That(groups.Groups.Select(g => g.WeightDecay), Is.EqualTo(new double?[] { null, 0 }));
        Assert.That(groups, Is.EquivalentTo(model.Parameters));
        Assert.That(new AdamW(groups, 1e-3).Groups, Is.EqualTo(groups.Groups));
    }

    [Test]
    public void Groups_RefuseBadSettings()
    {
        Parameter a = new("a", Tensor.Ones([1]));
        Assert.That(() => new ParameterGroup([a], LearningRate: -1), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new ParameterGroup([a], WeightDecay: double.NaN), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new Sgd(new ParameterGroups(new([a]), new([a])), 0.1), Throws.ArgumentException.With.Message.Contains("twice"));
        Assert.That(() => new Sgd(new ParameterGroups(new ParameterGroup([a], LearningRate: 1)), 0), Throws.ArgumentException.With.Message.Contains("from 0"));
    }

    private static Parameter[] New() => [new("a", Tensor.Normal([3, 5], new Rng(1))), new("b", Tensor.Normal([5], new Rng(2)))];

    private static void Take(Optimizer optimizer, Parameter[] p, int first, int end)
    {
        for (int step = first; step < end; step++)
        {
            optimizer.ZeroGrad();
            if (step == 1) (p[0].Value * p[0].Value).Sum().Backward();        // a step that passes b by
            else ((p[0].Value + p[1].Value) * Tensor.Normal([3, 5], new Rng((ulong)(step + 10)))).Sum().Backward();
            optimizer.Step();
        }
    }
}
