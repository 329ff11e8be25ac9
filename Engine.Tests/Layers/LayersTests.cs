using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests.Layers;

/// <summary>The layers that there are: each is here once.</summary>
public class LayersTests
{
    private static readonly Func<Rng, Layer>[] Makers =
    [
        rng => new Sequential(new Linear(3, 2, rng), new Engine.Layers.Relu()),
        rng => new Linear(784, 128, rng, activation: Activation.Relu),
        rng => new Conv2d(4, 6, (3, 5), rng, stride: 2, padding: (1, 2), dilation: 2, groups: 2, bias: false),
        rng => new ConvTranspose2d(4, 6, (3, 5), rng, stride: 2, padding: (1, 2), outputPadding: 1, groups: 2, activation: Activation.Relu),
        rng => new Conv1d(4, 6, 3, rng, stride: 2, padding: 1, dilation: 2, groups: 2, activation: Activation.Relu, bias: false),
        _ => new MaxPool1d(2),
        _ => new AvgPool1d(3, stride: 2, padding: 1, countPadding: false),
        _ => new GlobalMaxPool1d(keepDims: true),
        _ => new GlobalAvgPool1d(),
        rng => new TextCnn(new Embedding(9, 5, rng, paddingIndex: 0), 2, rng),
        rng => new Embedding(20, 3, rng, paddingIndex: -20, maxNorm: 1.5),
        rng => new Word2Vec([0, 3, 1], 4, rng),
        rng => new GloVe(20, 4, rng),
        _ => new MaxPool2d(2),
        _ => new AvgPool2d(3, stride: 2, padding: 1),
        _ => new AdaptiveMaxPool2d((3, 5)),
        _ => new AdaptiveAvgPool2d(7),
        _ => new GlobalMaxPool2d(keepDims: true),
        _ => new GlobalAvgPool2d(),
        _ => new Pad2d((1, 2), PadMode.Reflect),
        _ => new Flatten(),
        _ => new Permute(0, 2, 1),
        _ => new Engine.Layers.Relu(),
        _ => new Engine.Layers.LeakyRelu(0.2),
        _ => new Engine.Layers.Gelu(),
        _ => new Engine.Layers.GeluTanh(),
        _ => new Engine.Layers.Sigmoid(),
        _ => new Engine.Layers.Tanh(),
        _ => new Engine.Layers.Silu(),
        _ => new Engine.Layers.Elu(0.5),
        _ => new Engine.Layers.Selu(),
        _ => new Engine.Layers.Celu(),
        _ => new Engine.Layers.Mish(),
        _ => new Engine.Layers.Softplus(beta: 2),
        _ => new Engine.Layers.Softsign(),
        _ => new Engine.Layers.HardSigmoid(),
        _ => new Engine.Layers.HardSwish(),
        _ => new Engine.Layers.HardTanh(min: -0.5),
        _ => new Softmax(axis: 1),
        _ => new Dropout(0.25),
        _ => new BatchNorm1d(5),
        _ => new BatchNorm2d(7, activation: Activation.Relu),
        _ => new LayerNorm(8, 1e-12, bias: false),
        _ => new RmsNorm(8),
        _ => new GroupNorm(2, 6),
        rng => new BertModel(Bert, rng),
        rng => new BertForPreTraining(Bert, rng),
        rng => new BertForMaskedLM(Bert, rng),
        rng => new BertForNextSentencePrediction(Bert, rng),
        rng => new BertForSequenceClassification(Bert, rng),
        rng => new BertForTokenClassification(Bert, rng),
        rng => new BertForQuestionAnswering(Bert, rng),
        rng => new BertEmbeddings(Bert, rng, Init.Zeros),
        rng => new BertPredictions(Bert, new Parameter("words", Tensor.Zeros([9, 8])), rng, Init.Zeros),
        rng => new MultiHeadAttention(8, 2, rng, causal: true, headSize: 3, keyHeads: 1, bias: false),
        rng => new TransformerEncoderLayer(8, 2, 12, rng),
        rng => new TransformerDecoderLayer(8, 2, 12, rng, normFirst: true),
        rng => new TransformerEncoder(Block, 2, rng),
        rng => new TransformerDecoder(Block, 1, rng),
        rng => new Engine.Layers.Transformer(new TransformerSettings { SourceTokens = 9, TargetTokens = 8, StartToken = 2, EndToken = 1, Width = 8, Heads = 2, Inner = 12, EncoderLayers = 1, DecoderLayers = 1 }, rng),
        rng => new LearnedPositions(6, 8, rng),
        _ => new SinusoidalPositions(8),
        rng => new Gpt(new GptConfig { VocabularySize = 9, Positions = 6, Width = 8, Layers = 1, Heads = 2, EndToken = null }, rng),
        rng => new EncoderAttention(6, 8, AttentionScore.Bahdanau, rng, size: 4),
        rng => new Seq2Seq(new Seq2SeqSettings { SourceTokens = 9, TargetTokens = 8, StartToken = 2, EndToken = 1, Dropout = 0.1 }, rng),
        rng => new Rnn(3, 4, rng, Activation.Relu, bias: false),
        rng => new Gru(3, 4, rng, returnSequences: false),
        rng => new Lstm(3, 4, rng, layers: 2, bidirectional: true, dropout: 0.5),
        rng => new RnnCell(3, 4, rng),
        rng => new GruCell(3, 4, rng, bias: false),
        rng => new LstmCell(3, 4, rng),
        rng => new Bidirectional(() => new Gru(3, 4, rng), Merge.Sum),
        rng => new TimeDistributed(new Linear(3, 4, rng)),
    ];

    private static BertConfig Bert => new() { VocabularySize = 9, HiddenSize = 8, HiddenLayers = 1, AttentionHeads = 2, IntermediateSize = 12, MaxPositions = 6 };

    private static TransformerLayerSettings Block => new() { Width = 8, Heads = 2, Inner = 12 };

    private static Layer[] All() => [.. Makers.Select(make => make(new Rng(1)))];

    [Test]
    public void EveryLayer_IsHere()
        => Assert.That(All().Select(l => l.GetType()), Is.EquivalentTo(typeof(Layer).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(Layer)) && !t.IsAbstract)));

    [Test]
    public void EveryLayer_RegistersWhatItHolds()
    {
        foreach (var layer in All()) Assert.That(Unregistered.In(layer), Is.Empty);
    }

    [Test]
    public void Layers_DescribeThemselves()
        => Assert.That(All().Select(l => l.ToString().Split('\n')[0].Split("   ")[0]), Is.EqualTo(new[]
        {
            "Sequential",
            "Linear 784 -> 128, Relu",
            "Conv2d 4 -> 6, 3×5, stride=2, padding=1×2, dilation=2, groups=2, no bias",
            "ConvTranspose2d 4 -> 6, 3×5, stride=2, padding=1×2, outputPadding=1, groups=2, Relu",
            "Conv1d 4 -> 6, 3, stride=2, padding=1, dilation=2, groups=2, Relu, no bias",
            "MaxPool1d 2",
            "AvgPool1d 3, stride=2, padding=1, padding not counted",
            "GlobalMaxPool1d keepDims",
            "GlobalAvgPool1d",
            "TextCnn",
            "Embedding 20 -> 3, padding=0, maxNorm=1.5",
            "Word2Vec 3 -> 4, negatives=5",
            "GloVe 20 -> 4",
            "MaxPool2d 2×2",
            "AvgPool2d 3×3, stride=2, padding=1",
            "AdaptiveMaxPool2d 3×5",
            "AdaptiveAvgPool2d 7×7",
            "GlobalMaxPool2d keepDims",
            "GlobalAvgPool2d",
            "Pad2d rows=1+1, columns=2+2, Reflect",
            "Flatten",
            "Permute 0, 2, 1",
            "Relu",
            "LeakyRelu 0.2",
            "Gelu",
            "GeluTanh",
            "Sigmoid",
            "Tanh",
            "Silu",
            "Elu 0.5",
            "Selu",
            "Celu",
            "Mish",
            "Softplus beta=2, threshold=20",
            "Softsign",
            "HardSigmoid",
            "HardSwish",
            "HardTanh -0.5 to 1",
            "Softmax axis=1",
            "Dropout 0.25",
            "BatchNorm1d 5",
            "BatchNorm2d 7, Relu",
            "LayerNorm 8, epsilon=1E-12, no bias",
            "RmsNorm 8",
            "GroupNorm 6, 2 groups",
            "BertModel 1 layers of 8, 2 heads, inner=12, vocabulary 9, 6 positions",
            "BertForPreTraining 1 layers of 8, 2 heads, inner=12, vocabulary 9, 6 positions",
            "BertForMaskedLM 1 layers of 8, 2 heads, inner=12, vocabulary 9, 6 positions",
            "BertForNextSentencePrediction 1 layers of 8, 2 heads, inner=12, vocabulary 9, 6 positions",
            "BertForSequenceClassification 1 layers of 8, 2 heads, inner=12, vocabulary 9, 6 positions",
            "BertForTokenClassification 1 layers of 8, 2 heads, inner=12, vocabulary 9, 6 positions",
            "BertForQuestionAnswering 1 layers of 8, 2 heads, inner=12, vocabulary 9, 6 positions",
            "BertEmbeddings",
            "BertPredictions",
            "MultiHeadAttention 8, 2 heads of 3, 1 of keys, causal, no bias",
            "TransformerEncoderLayer 8, 2 heads, inner=12, Relu, post-norm, dropout=0.1",
            "TransformerDecoderLayer 8, 2 heads, inner=12, Relu, pre-norm, causal, dropout=0.1",
            "TransformerEncoder",
            "TransformerDecoder",
            "Transformer 9 -> 8, 1 + 1 layers of 8, 2 heads, inner=12, post-norm, dropout=0.1",
            "LearnedPositions 6 of 8",
            "SinusoidalPositions 8",
            "Gpt 9 tokens, 6 positions, 1 layers of 8, 2 heads",
            "EncoderAttention 6 over 8, Bahdanau, size=4",
            "Seq2Seq 9 -> 8, embedding=64, hidden=128, bidirectional, General, dropout=0.1",
            "Rnn 3 -> 4, Relu, no bias",
            "Gru 3 -> 4, last state",
            "Lstm 3 -> 4, layers=2, bidirectional, dropout=0.5",
            "RnnCell 3 -> 4",
            "GruCell 3 -> 4, no bias",
            "LstmCell 3 -> 4",
            "Bidirectional Sum",
            "TimeDistributed",
        }));

    [Test]
    public void Linear_HoldsItsWeightAsPyTorchDoes()
    {
        var layer = new Linear(3, 2, new Rng(1), activation: Activation.Relu);
        Assert.That(layer.State().Select(s => (s.Key, s.Value.Shape)), Is.EqualTo(new[] { ("weight", new Shape(2, 3)), ("bias", new Shape(2)) }));
        layer.Parameters[0].CopyFrom([1f, 2f, 3f, -1f, -2f, -3f]);
        layer.Parameters[1].CopyFrom([0.5f, 0.25f]);
        var y = layer.Predict(Tensor.From([1f, 0f, 2f, 0f, 0f, -1f], [2, 3]));
        Assert.That(y.ToArray(), Is.EqualTo(new[] { 7.5f, 0f, 0f, 3.25f }));
    }

    [Test]
    public void Linear_RefusesAnInputThatWantsFlattening()
    {
        var model = new Sequential { { "fc", new Linear(12, 2, new Rng(1)) } };
        Assert.That(() => model.Predict(Tensor.Zeros([5, 3, 2, 2])),
            Throws.TypeOf<ShapeException>().With.Message.EqualTo("fc (Linear 12 -> 2): the input (5, 3, 2, 2) must be (…, N, 12). Put a Flatten before this layer."));
    }

    [Test]
    public void Conv2d_IsTheOp()
    {
        var layer = new Conv2d(4, 6, 3, new Rng(1), stride: 2, padding: 1, groups: 2, activation: Activation.Relu);
        var x = Tensor.Normal([2, 4, 7, 7], new Rng(2));
        var (weight, bias) = (layer.Parameters[0], layer.Parameters[1]);
        Assert.That(weight.Shape, Is.EqualTo(new Shape(6, 2, 3, 3)));
        var y = x.Conv2d(weight, bias, stride: 2, padding: 1, groups: 2, activation: Activation.Relu);
        Assert.That(layer.Predict(x).ToArray(), Is.EqualTo(y.ToArray()));
    }

    [Test]
    public void Conv2d_RefusesGroupsThatDoNotDivide()
        => Assert.That(() => new Conv2d(3, 6, 3, new Rng(1), groups: 2), Throws.ArgumentException.With.Message.Contains("2 groups do not divide 3 channels in"));

    [Test]
    public void ConvTranspose2d_IsTheOp()
    {
        var layer = new ConvTranspose2d(4, 6, 3, new Rng(1), stride: 2, padding: 1, outputPadding: 1, groups: 2, activation: Activation.Relu);
        var x = Tensor.Normal([2, 4, 7, 7], new Rng(2));
        var (weight, bias) = (layer.Parameters[0], layer.Parameters[1]);
        Assert.That(weight.Shape, Is.EqualTo(new Shape(4, 3, 3, 3)));
        Assert.That((layer.InChannels, layer.OutChannels, bias.Shape), Is.EqualTo((4, 6, new Shape(6))));
        var y = x.ConvTranspose2d(weight, bias, stride: 2, padding: 1, outputPadding: 1, groups: 2, activation: Activation.Relu);
        Assert.That(y.Shape, Is.EqualTo(new Shape(2, 6, 14, 14)));
        Assert.That(layer.Predict(x).ToArray(), Is.EqualTo(y.ToArray()));
        Assert.That(() => new ConvTranspose2d(4, 5, 3, new Rng(1), groups: 2), Throws.ArgumentException.With.Message.Contains("5 out"));
    }

    [Test]
    public void PoolingAndPaddingLayers_AreTheOps()
    {
        var x = Tensor.Normal([2, 3, 5, 7], new Rng(2));
        Assert.That(new AdaptiveMaxPool2d((3, 4)).Predict(x).ToArray(), Is.EqualTo(x.AdaptiveMaxPool2d((3, 4)).ToArray()));
        Assert.That(new AdaptiveAvgPool2d((3, 4)).Predict(x).ToArray(), Is.EqualTo(x.AdaptiveAvgPool2d((3, 4)).ToArray()));
        Assert.That(new GlobalMaxPool2d().Predict(x).ToArray(), Is.EqualTo(x.Max(2, 3).ToArray()));
        Assert.That(new GlobalAvgPool2d(keepDims: true).Predict(x).Shape, Is.EqualTo(new Shape(2, 3, 1, 1)));
        Assert.That(new Pad2d((1, 2), (3, 0), value: 4).Predict(x).ToArray(), Is.EqualTo(x.Pad([(1, 2), (3, 0)], value: 4).ToArray()));
        Assert.That(new Pad2d(1, PadMode.Replicate).Predict(x).Shape, Is.EqualTo(new Shape(2, 3, 7, 9)));
        Assert.That(() => new Pad2d(1).Predict(x[0]), Throws.TypeOf<ShapeException>().With.Message.Contains("(N, C, H, W)"));
    }

    [Test]
    public void OneSeed_MakesOneModel()
    {
        float[][] first = Numbers(7), second = Numbers(7), other = Numbers(8);
        Assert.That(second, Is.EqualTo(first));
        Assert.That(other, Is.Not.EqualTo(first));

        static float[][] Numbers(ulong seed)
        {
            var rng = new Rng(seed);
            return [.. new Sequential(new Conv2d(1, 4, 3, rng), new Linear(4, 2, rng)).Parameters.Select(p => p.Value.ToArray())];
        }
    }
}
