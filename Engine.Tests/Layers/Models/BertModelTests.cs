using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests;

public class BertModelTests
{
    private static readonly BertConfig Config = SmallBert.Config;

    private static Tensor Of(int[] numbers, params int[] shape) => Tensor.From(numbers, shape);

    private static float[] Row(Tensor x, int row) => x[row].ToArray();

    [Test]
    public void Forward_OfALongerSequenceThanPositions_SaysBoth()
    {
        var model = SmallBert.ForPreTraining();
        Assert.That(() => model.Forward(SmallBert.Ids(1, 13), null, Pass.Inference), Throws.TypeOf<ShapeException>().With.Message.Contains("13").And.Message.Contains("12 positions"));
        Assert.That(() => model.Forward(SmallBert.Ids(1, 12), null, Pass.Inference), Throws.Nothing);
    }

    [Test]
    public void Forward_OfShapesAndTokensThatDoNotFit_IsATypedError()
    {
        var model = SmallBert.ForPreTraining();
        var ids = SmallBert.Ids(2, 4);
        Assert.That(() => model.Forward(ids.Flatten(), null, Pass.Inference), Throws.TypeOf<ShapeException>().With.Message.Contains("(B, T)"));
        Assert.That(() => model.Forward(ids, SmallBert.Types(2, 5), Pass.Inference), Throws.TypeOf<ShapeException>().With.Message.Contains("(2, 5)"));
        Assert.That(() => model.Forward(ids, null, Pass.Inference, SmallBert.Types(1, 4)), Throws.TypeOf<ShapeException>().With.Message.Contains("mask (1, 4)"));
        Assert.That(() => model.Forward(ids, null, Pass.Inference, Of([1, 1, 2, 0, 1, 1, 1, 1], 2, 4)), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("row 0, position 2"));
        Assert.That(() => model.Forward(ids, null, Pass.Inference, Tensor.Ones([2, 4])), Throws.TypeOf<DTypeException>());
        Assert.That(() => model.Forward(Of([30, 1], 1, 2), null, Pass.Inference), Throws.TypeOf<IndexException>().With.Message.Contains("30"));
        Assert.That(() => model.Forward(Of([1, 1], 1, 2), Of([0, 2], 1, 2), Pass.Inference), Throws.TypeOf<IndexException>().With.Message.Contains("token_type_embeddings"));
        Assert.That(() => model.Forward(ids, null, Pass.Inference.WithLengths([4, 5])), Throws.TypeOf<SequenceException>());
    }

    [Test]
    public void Segments_LeftOut_Are0()
    {
        var model = SmallBert.ForPreTraining();
        var ids = SmallBert.Ids(2, 6);
        var with = model.Forward(ids, Of(new int[12], 2, 6), Pass.Inference);
        Assert.That(model.Forward(ids, null, Pass.Inference).Tokens.ToArray(), Is.EqualTo(with.Tokens.ToArray()).Within(1e-5));
        Assert.That(model.Forward(ids, SmallBert.Types(2, 6), Pass.Inference).Tokens.ToArray(), Is.Not.EqualTo(with.Tokens.ToArray()).Within(1e-2));
    }

    [TestCase(DType.Int32)]
    [TestCase(DType.UInt8)]
    public void AMask_OfPaddingAtTheEnds_GivesWhatLengthsGive_AndWhatEachSequenceGivesAlone(DType dtype)
    {
        var model = SmallBert.ForPreTraining();
        Tensor ids = SmallBert.Ids(3, 6), types = SmallBert.Types(3, 6), mask = Of([1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0], 3, 6);
        if (dtype == DType.UInt8) mask = mask.Cast(dtype);
        var masked = model.Forward(ids, types, Pass.Inference, mask);
        var byLengths = model.Forward(ids, types, Pass.Inference.WithLengths([4, 6, 1]));
        Assert.That(masked.Tokens.ToArray(), Is.EqualTo(byLengths.Tokens.ToArray()));
        Assert.That(masked.NextSentence.ToArray(), Is.EqualTo(byLengths.NextSentence.ToArray()));
        var alone = model.Forward(ids[..1, ..4], types[..1, ..4], Pass.Inference);
        Assert.That(masked.Tokens[0, ..4].ToArray(), Is.EqualTo(alone.Tokens.ToArray()).Within(1e-4));
        Assert.That(Row(masked.NextSentence, 0), Is.EqualTo(alone.NextSentence.ToArray()).Within(1e-4));
    }

    [Test]
    public void AMask_WithPaddingInBetween_HidesItFromTheOthers()
    {
        var model = SmallBert.ForPreTraining();
        var mask = Of([1, 0, 1, 1, 0, 1, 1, 1, 1, 0], 2, 5);
        int[] ids = SmallBert.Ids(2, 5).ToArray<int>(), others = [.. ids];
        (others[1], others[4], others[9]) = (29, 28, 27);
        float[] first = Scores(ids, mask), second = Scores(others, mask);
        Assert.That(first, Is.EqualTo(second));
        Assert.That(Scores(ids, Of([1, 1, 1, 1, 1, 1, 1, 1, 1, 1], 2, 5)), Is.Not.EqualTo(first).Within(1e-2));

        // The same as without those places, but for the positions: hide places at the end instead.
        var whole = model.Forward(Of(ids, 2, 5), null, Pass.Inference, mask);
        Assert.That(Row(model.Forward(Of(ids[5..9], 1, 4), null, Pass.Inference).NextSentence, 0), Is.EqualTo(Row(whole.NextSentence, 1)).Within(1e-4));

        float[] Scores(int[] ids, Tensor mask)
        {
            var scores = model.Forward(Of(ids, 2, 5), null, Pass.Inference, mask).Tokens;
            return [.. scores[0, 0].ToArray(), .. scores[0, 2..4].ToArray(), .. scores[1, ..4].ToArray()];
        }
    }

    [Test]
    public void ASequenceWhoseMaskIsAllZero_GivesNoNaN_AndDoesNotTouchTheOthers()
    {
        var model = SmallBert.ForPreTraining();
        var ids = SmallBert.Ids(2, 5);
        var mask = Of([1, 1, 1, 1, 1, 0, 0, 0, 0, 0], 2, 5);
        var labels = Of([-100, 3, -100, -100, 4, -100, 5, -100, -100, -100], 2, 5);
        var loss = model.Loss(ids, null, labels, Of([0, 1], 2), Pass.Inference, mask);
        loss.Total.Backward();
        Assert.That(double.IsFinite(loss.Total.Item()));
        foreach (var (path, parameter) in model.NamedParameters()) Assert.That(parameter.Grad!.ToArray().All(float.IsFinite), path);
        var scores = model.Forward(ids, null, Pass.Inference, mask);
        Assert.That(scores.Tokens.ToArray().All(float.IsFinite));
        Assert.That(scores.Tokens[..1].ToArray(), Is.EqualTo(model.Forward(ids[..1], null, Pass.Inference).Tokens.ToArray()).Within(1e-4));
    }

    [Test]
    public void Loss_OnTheHiddenPlacesAlone_IsThatOfAllScores()
    {
        var model = SmallBert.ForPreTraining();
        Tensor ids = SmallBert.Ids(2, 6), types = SmallBert.Types(2, 6), next = Of([1, 0], 2);
        int[] each = [-100, 3, -100, 29, -100, -100, 0, -100, -100, -100, -100, 7];
        var labels = Of(each, 2, 6);
        var scores = model.Forward(ids, types, Pass.Inference);
        var whole = Loss.CrossEntropy(scores.Tokens.Reshape(12, 30), labels.Flatten(), ignoreIndex: -100) + Loss.CrossEntropy(scores.NextSentence, next);
        whole.Backward();
        var gradients = model.NamedParameters().ToDictionary(p => p.Key, p => p.Value.Grad!.ToArray());
        model.ZeroGrad();
        var loss = model.Loss(ids, types, labels, next, Pass.Inference);
        loss.Total.Backward();
        Assert.That(loss.Total.Item(), Is.EqualTo(whole.Item()).Within(1e-5));
        Assert.That(loss.Tokens.Item() + loss.NextSentence.Item(), Is.EqualTo(loss.Total.Item()).Within(1e-6));
        Assert.That(loss.NextSentenceScores.ToArray(), Is.EqualTo(scores.NextSentence.ToArray()));
        foreach (var (path, parameter) in model.NamedParameters()) Assert.That(parameter.Grad!.ToArray(), Is.EqualTo(gradients[path]).Within(2e-4), path);

        int[] places = [.. Enumerable.Range(0, 12).Where(i => each[i] != -100)];
        var byPlaces = model.Loss(ids, types, Of([.. places.Select(i => each[i])], 4), next, Pass.Inference, places: Of(places, 4));
        Assert.That(byPlaces.Total.Item(), Is.EqualTo(loss.Total.Item()));
        var at = model.Forward(ids, types, Pass.Inference, places: Of(places, 4)).Tokens;
        Assert.That(at.ToArray(), Is.EqualTo(scores.Tokens.Reshape(12, 30).GatherRows(Of(places, 4)).ToArray()).Within(1e-4));
    }

    public static IEnumerable<string> Devices => TestDevices.Compared;

    [TestCaseSource(nameof(Devices))]
    public void Loss_AndItsGradients_AreTheReferencesOnEveryDevice(string name)
    {
        var (expected, gradients) = LossOn(TestDevices.Reference);
        var (loss, found) = LossOn(TestDevices.Get(name));
        Assert.That(loss, Is.EqualTo(expected).Within(1e-4));
        foreach (var (path, gradient) in found) Assert.That(gradient, Is.EqualTo(gradients[path]).Within(1e-3), path);

        static (double Loss, Dictionary<string, float[]> Gradients) LossOn(Device device)
        {
            var model = SmallBert.ForPreTraining().To(device);
            var mask = Of([1, 1, 1, 1, 1, 1, 1, 0, 1, 1, 0, 1], 2, 6).To(device);
            var loss = model.Loss(SmallBert.Ids(2, 6).To(device), SmallBert.Types(2, 6).To(device), Of([5, 8], 2).To(device), Of([1, 0], 2).To(device), Pass.Inference, mask, Of([2, 9], 2).To(device)).Total;
            loss.Backward();
            return (loss.Item(), model.NamedParameters().ToDictionary(p => p.Key, p => p.Value.Grad!.ToArray()));
        }
    }

    [Test]
    public void Loss_WhereNothingIsHidden_IsThatOfTheSentences()
    {
        var model = SmallBert.ForPreTraining();
        var loss = model.Loss(SmallBert.Ids(1, 3), null, Of([-100, -100, -100], 1, 3), Of([0], 1), Pass.Inference);
        Assert.That((loss.Tokens.Item(), loss.Total.Item()), Is.EqualTo((0, loss.NextSentence.Item())));
        loss.Total.Backward();
        Assert.That(model.NamedParameters().Single(p => p.Key == "cls.predictions.bias").Value.Grad!.ToArray(), Is.All.Zero);
        Assert.That(model.Loss(SmallBert.Ids(1, 3), null, Of([], 0), Of([0], 1), Pass.Inference, places: Of([], 0)).Tokens.Item(), Is.Zero);
    }

    [Test]
    public void Loss_OfLabelsThatDoNotFit_IsATypedError()
    {
        var model = SmallBert.ForPreTraining();
        Tensor ids = SmallBert.Ids(1, 3), next = Of([0], 1);
        Assert.That(() => model.Loss(ids, null, Of([1, 2], 1, 2), next, Pass.Inference), Throws.TypeOf<ShapeException>().With.Message.Contains("(1, 3)"));
        Assert.That(() => model.Loss(ids, null, Of([1, 2], 2), next, Pass.Inference, places: Of([0], 1)), Throws.TypeOf<ShapeException>());
        Assert.That(() => model.Loss(ids, null, Of([-100, 30, -100], 1, 3), next, Pass.Inference), Throws.TypeOf<IndexException>());
        Assert.That(() => model.Loss(ids, null, Of([1], 1), next, Pass.Inference, places: Of([3], 1)), Throws.TypeOf<IndexException>());
    }

    [Test]
    public void Heads_GiveTheirShapes_AndLearn()
    {
        Tensor ids = SmallBert.Ids(4, 7), types = SmallBert.Types(4, 7), next = Of([0, 1, 1, 0], 4);
        var tokens = Of([.. Enumerable.Range(0, 28).Select(i => i % 4 == 1 ? i : -100)], 4, 7);
        var rng = new Rng(7);
        var config = Config with { HiddenDropout = 0.1, AttentionDropout = 0.1, InitializerRange = 0.1 };

        var classes = new BertForSequenceClassification(config, rng);
        Assert.That(classes.Forward(ids, types, Pass.Inference).Shape, Is.EqualTo(new Shape(4, 3)));
        Learns(classes, pass => Loss.CrossEntropy(classes.Forward(ids, types, pass), Of([2, 0, 1, 2], 4)));

        var pairs = new BertForNextSentencePrediction(config, rng);
        Assert.That(pairs.Forward(ids, types, Pass.Inference).Shape, Is.EqualTo(new Shape(4, 2)));
        Learns(pairs, pass => Loss.CrossEntropy(pairs.Forward(ids, types, pass), next));

        var names = new BertForTokenClassification(config, rng);
        Assert.That(names.Forward(ids, types, Pass.Inference).Shape, Is.EqualTo(new Shape(4, 7, 3)));
        Learns(names, pass => names.Loss(names.Forward(ids, types, pass), Of([.. Enumerable.Range(0, 28).Select(i => i % 7 == 6 ? -100 : i % 3)], 4, 7)));

        var answers = new BertForQuestionAnswering(config, rng);
        Assert.That(answers.Forward(ids, types, Pass.Inference).Ends.Shape, Is.EqualTo(new Shape(4, 7)));
        Learns(answers, pass => answers.Loss(answers.Forward(ids, types, pass), Of([1, 2, -100, 3], 4), Of([2, 2, -100, 6], 4)));

        var masked = new BertForMaskedLM(config, rng);
        Assert.That(masked.Forward(ids, types, Pass.Inference).Shape, Is.EqualTo(new Shape(4, 7, 30)));
        Learns(masked, pass => masked.Loss(ids, types, tokens, pass));

        var both = new BertForPreTraining(config, rng);
        Learns(both, pass => both.Loss(ids, types, tokens, next, pass).Total);

        void Learns(PretrainedBert model, Func<Pass, Tensor> loss)
        {
            var optimizer = new Adam(model.Parameters, 0.01);
            double first = loss(Pass.Inference).Item();
            for (int step = 0; step < 30; step++)
            {
                model.ZeroGrad();
                loss(Pass.Train(rng)).Backward();
                Assert.That(model.NamedParameters().Where(p => p.Value.Grad is null).Select(p => p.Key).Except(["bert.pooler.dense.weight"]), Is.Empty);
                optimizer.Step();
            }
            Assert.That(loss(Pass.Inference).Item(), Is.LessThan(0.6 * first), model.GetType().Name);
        }
    }

    [Test]
    public void Losses_WithoutAnyLabel_Are0_AndSoAreTheirGradients()
    {
        var answers = SmallBert.Drawn(new BertForQuestionAnswering(Config, new Rng(1)));
        Check(answers, answers.Loss(answers.Forward(SmallBert.Ids(2, 4), null, Pass.Inference), Of([-100, -100], 2), Of([-100, -100], 2)));
        var names = SmallBert.Drawn(new BertForTokenClassification(Config, new Rng(1)));
        Check(names, names.Loss(names.Forward(SmallBert.Ids(2, 3), null, Pass.Inference), Of([-100, -100, -100, -100, -100, -100], 2, 3)));

        // One end alone that counts leaves the other at 0.
        var scores = answers.Forward(SmallBert.Ids(2, 4), null, Pass.Inference);
        Assert.That(answers.Loss(scores, Of([1, -100], 2), Of([-100, -100], 2)).Item(), Is.EqualTo(Loss.CrossEntropy(scores.Starts[..1], Of([1], 1)).Item() / 2).Within(1e-6));

        static void Check(Layer model, Tensor loss)
        {
            Assert.That(loss.Item(), Is.Zero);
            loss.Backward();
            foreach (var (path, parameter) in model.NamedParameters())
                if (parameter.Grad is { } gradient) Assert.That(gradient.ToArray(), Is.All.Zero, path);
            Assert.That(model.Parameters.Count(p => p.Grad is not null), Is.GreaterThan(20));
        }
    }

    [Test]
    public void AnswerLoss_IsTheMeanOfBothEnds()
    {
        var model = SmallBert.Drawn(new BertForQuestionAnswering(Config, new Rng(1)));
        var scores = model.Forward(SmallBert.Ids(2, 4), null, Pass.Inference);
        double start = Loss.CrossEntropy(scores.Starts, Of([1, 3], 2)).Item(), end = Loss.CrossEntropy(scores.Ends, Of([2, 3], 2)).Item();
        Assert.That(model.Loss(scores, Of([1, 3], 2), Of([2, 3], 2)).Item(), Is.EqualTo((start + end) / 2).Within(1e-6));
        Assert.That(model.Predict(SmallBert.Ids(2, 4)).ToArray(), Is.EqualTo(Tensor.Stack([scores.Starts, scores.Ends], 2).ToArray()));
    }

    [Test]
    public void PaddingsVector_Is0AtFirst_AndStaysSoWhereItOnlyStandsInTexts()
    {
        var model = new BertForSequenceClassification(Config, new Rng(1));
        var words = model.NamedParameters().Single(p => p.Key == "bert.embeddings.word_embeddings.weight").Value;
        Assert.That(words.Value[0].ToArray(), Is.All.Zero);
        Loss.CrossEntropy(model.Forward(Of([1, 0, 0, 2], 1, 4), null, Pass.Inference), Of([1], 1)).Backward();
        Assert.That(words.Grad![0].ToArray(), Is.All.Zero);
        Assert.That(words.Grad![1].ToArray(), Is.Not.All.Zero);
    }

    [TestCase(5, 4)]
    [TestCase(0, 4)]
    public void AConfigThatCannotBe_IsRefused(int width, int heads)
        => Assert.That(() => new BertModel(Config with { HiddenSize = width, AttentionHeads = heads }, new Rng(1)), Throws.InstanceOf<ArgumentException>());

    [Test]
    public void Settings_OutsideTheirRange_AreRefused()
    {
        Assert.That(() => new BertModel(Config with { HiddenDropout = 1 }, new Rng(1)), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new BertModel(Config with { PaddingToken = 30 }, new Rng(1)), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new BertForTokenClassification(Config with { Labels = [] }, new Rng(1)), Throws.TypeOf<ArgumentOutOfRangeException>());
        foreach (double bad in new[] { double.NaN, double.PositiveInfinity, -1e-6 })
        {
            Assert.That(() => new BertModel(Config with { LayerNormEpsilon = bad }, new Rng(1)), Throws.TypeOf<ArgumentOutOfRangeException>().With.Property("ParamName").EqualTo("LayerNormEpsilon"));
            Assert.That(() => new BertModel(Config with { InitializerRange = bad }, new Rng(1)), Throws.TypeOf<ArgumentOutOfRangeException>().With.Property("ParamName").EqualTo("InitializerRange"));
        }
        Assert.That(() => BertConfig.NumberedLabels(0), Throws.TypeOf<ArgumentOutOfRangeException>());
    }
}
