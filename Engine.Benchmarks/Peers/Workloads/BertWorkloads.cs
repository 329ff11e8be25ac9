using Engine.Layers;
using TorchSharp;
using static TorchSharp.torch;
using Embedding = TorchSharp.Modules.Embedding;
using Linear = TorchSharp.Modules.Linear;
using Parameter = TorchSharp.Modules.Parameter;

namespace Engine.Peers;

/// <summary>BERT: a step of mini's training on both tasks, 19 of 128 places hidden, without dropout so that losses compare; and base's encoder.</summary>
internal static class BertWorkloads
{
    private const int Batch = 8, Length = 128, Hidden = 19, FirstWord = 1000;
    private const double LearningRate = 1e-4;

    public static IEnumerable<Workload> All => [MiniTraining(), BaseInference(1), BaseInference(8)];

    private static Workload MiniTraining()
    {
        var config = BertConfig.Mini with { HiddenDropout = 0, AttentionDropout = 0 };
        int width = config.HiddenSize, words = config.VocabularySize, places = Batch * Hidden;
        double heads = places * (2.0 * width * width + 2.0 * width * words) + Batch * (2.0 * width * width + 4.0 * width);
        double parameters = (double)width * (words + config.MaxPositions + 2) + words + config.HiddenLayers * LayerParameters(config) + 2.0 * width * width;
        return new($"bert mini training b{Batch} T{Length}", Group.Model, 3 * (Batch * EncoderFlops(config) + heads), Models.TrainingBytes(parameters, Batch * Length),
            device =>
            {
                var model = Models.Filled(new BertForPreTraining(config, new Core.Rng(1)), device);
                Tensor From(int[] numbers, params int[] shape) => Tensor.From(numbers, shape, device);
                Tensor ids = From(Ids, Batch, Length), types = From(Types, Batch, Length), at = From(Places, places), labels = From(Labels, places), next = From(Next, Batch);
                var pass = Pass.Train(new Core.Rng(1));
                return Models.Training(device, model, () => model.Loss(ids, types, labels, next, pass, places: at).Total, LearningRate);
            },
            () =>
            {
                var model = Models.Filled(new LibtorchBert(config, heads: true));
                Torch From(int[] numbers, params long[] shape) => tensor(Array.ConvertAll(numbers, x => (long)x), shape);
                Torch ids = From(Ids, Batch, Length), types = From(Types, Batch, Length), at = From(Places, places), labels = From(Labels, places), next = From(Next, Batch);
                return Models.Training(model, () => model.Loss(ids, types, at, labels, next), LearningRate);
            })
        { Tolerance = 1e-3 };
    }

    private static Workload BaseInference(int batch)
    {
        var config = BertConfig.Base;
        int[] numbers = Numbers.Ids(batch * Length, config.VocabularySize, FirstWord);
        double bytes = 4 * (config.HiddenLayers * LayerParameters(config) + 2.0 * batch * Length * config.HiddenSize);
        return new($"bert base inference b{batch} T{Length}", Group.Model, batch * EncoderFlops(config), bytes,
            device =>
            {
                var model = Models.Filled(new BertModel(config, new Core.Rng(1), pooler: false), device);
                var ids = Tensor.From(numbers, [batch, Length], device);
                return Models.Inference(device, () => model.Predict(ids));
            },
            () =>
            {
                var model = Models.Filled(new LibtorchBert(config, heads: false));
                var ids = tensor(Array.ConvertAll(numbers, x => (long)x), [batch, Length]);
                return Models.Inference(model, () => model.Encode(ids, null));
            });
    }

    private static int[] Ids => Numbers.Ids(Batch * Length, BertConfig.Mini.VocabularySize, FirstWord);

    private static int[] Types => [.. Enumerable.Range(0, Batch * Length).Select(i => i % Length / (Length / 2))];

    private static int[] Places => [.. Enumerable.Range(0, Batch * Hidden).Select(i => i / Hidden * Length + i % Hidden * 6 + 1)];

    private static int[] Labels => Numbers.Ids(Batch * Hidden, BertConfig.Mini.VocabularySize, FirstWord + 1);

    private static int[] Next => [.. Enumerable.Range(0, Batch).Select(i => i % 2)];

    /// <summary>Of one sequence: each layer's six matrices, and attention's two products.</summary>
    private static double EncoderFlops(BertConfig config)
        => config.HiddenLayers * Length * (2.0 * config.HiddenSize * (4 * config.HiddenSize + 2 * config.IntermediateSize) + 4.0 * Length * config.HiddenSize);

    private static double LayerParameters(BertConfig config)
        => (double)config.HiddenSize * (4 * config.HiddenSize + 2 * config.IntermediateSize) + 9.0 * config.HiddenSize + config.IntermediateSize;

    /// <summary>BERT in TorchSharp, its parameters in the order of the engine's.</summary>
    private sealed class LibtorchBert : nn.Module
    {
        private readonly Embedding words, positions, types;
        private readonly LibtorchNorm norm;
        private readonly TorchSharp.Modules.Sequential layers;
        private readonly Linear? pooler;
        private readonly LibtorchHead? tokens;
        private readonly Linear? relationship;

        public LibtorchBert(BertConfig config, bool heads) : base(nameof(LibtorchBert))
        {
            int width = config.HiddenSize;
            words = nn.Embedding(config.VocabularySize, width);
            positions = nn.Embedding(config.MaxPositions, width);
            types = nn.Embedding(config.TypeVocabularySize, width);
            norm = new LibtorchNorm(width, config.LayerNormEpsilon);
            nn.Module<Torch, Torch>[] blocks = [.. Enumerable.Range(0, config.HiddenLayers)
                .Select(_ => new LibtorchBlock(width, config.AttentionHeads, config.IntermediateSize, config.LayerNormEpsilon, normFirst: false))];
            layers = nn.Sequential(blocks);
            if (heads)
            {
                pooler = nn.Linear(width, width);
                tokens = new LibtorchHead(config);
                relationship = nn.Linear(width, 2);
            }
            RegisterComponents();
        }

        /// <summary>A vector for each token, (B, T, W).</summary>
        public Torch Encode(Torch ids, Torch? segments)
        {
            var x = words.forward(ids) + positions.weight![TensorIndex.Slice(0, ids.shape[1])] + (segments is null ? types.weight![0] : types.forward(segments));
            return layers.forward(norm.forward(x));
        }

        /// <summary>The sum of both tasks' losses.</summary>
        public Torch Loss(Torch ids, Torch segments, Torch places, Torch labels, Torch next)
        {
            var x = Encode(ids, segments);
            var scores = tokens!.Scores(x.view(-1, x.shape[2]).index_select(0, places), words.weight!);
            var follows = relationship!.forward(pooler!.forward(x[TensorIndex.Colon, 0]).tanh());
            return nn.functional.cross_entropy(scores, labels) + nn.functional.cross_entropy(follows, next);
        }
    }

    /// <summary>The head that guesses tokens, tied to their vectors.</summary>
    private sealed class LibtorchHead : nn.Module
    {
        private readonly Parameter bias;
        private readonly Linear dense;
        private readonly LibtorchNorm norm;

        public LibtorchHead(BertConfig config) : base(nameof(LibtorchHead))
        {
            bias = new Parameter(zeros(config.VocabularySize));
            dense = nn.Linear(config.HiddenSize, config.HiddenSize);
            norm = new LibtorchNorm(config.HiddenSize, config.LayerNormEpsilon);
            RegisterComponents();
        }

        public Torch Scores(Torch x, Torch words) => nn.functional.linear(norm.forward(nn.functional.gelu(dense.forward(x))), words, bias);
    }
}
