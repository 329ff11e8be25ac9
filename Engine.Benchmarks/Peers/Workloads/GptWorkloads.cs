using Engine.Kernels;
using Engine.Layers;
using TorchSharp;
using static TorchSharp.torch;
using Embedding = TorchSharp.Modules.Embedding;

namespace Engine.Peers;

/// <summary>A step of a small GPT's training on characters, nanoGPT's form: no biases, tied head, without dropout so that losses compare.</summary>
internal static class GptWorkloads
{
    private const int Batch = 12, Length = 64, Tokens = 65, Width = 128, Depth = 4, Heads = 4, Inner = 4 * Width;

    public static IEnumerable<Workload> All => [Training()];

    private static Workload Training()
    {
        // Six matrices a layer, attention's two products under the diagonal, and the head's.
        double flops = Batch * Length * (Depth * (2.0 * Width * (4 * Width + 2 * Inner) + 2.0 * Length * Width) + 2.0 * Width * Tokens);
        double parameters = Width * (Tokens + Length) + Depth * (Width * (4.0 * Width + 2 * Inner) + 2 * Width) + Width;
        return new($"gpt training b{Batch} T{Length}", Group.Model, 3 * flops, Models.TrainingBytes(parameters, 2 * Batch * Length),
            device =>
            {
                var config = new GptConfig { VocabularySize = Tokens, Positions = Length, Width = Width, Layers = Depth, Heads = Heads, Dropout = 0, Bias = false, Activation = Activation.Gelu };
                var model = Models.Filled(new Gpt(config, new Core.Rng(1)), device);
                Tensor ids = Tensor.From(Numbers.Ids(Batch * Length, Tokens), [Batch, Length], device), next = Tensor.From(Next, [Batch, Length], device);
                var pass = Pass.Train(new Core.Rng(1));
                return Models.Training(device, model, () => model.Loss(model.Hidden(ids, pass), next));
            },
            () =>
            {
                var model = Models.Filled(new LibtorchGpt());
                Torch ids = tensor(Array.ConvertAll(Numbers.Ids(Batch * Length, Tokens), x => (long)x), [Batch, Length]), next = tensor(Array.ConvertAll(Next, x => (long)x));
                return Models.Training(model, () => nn.functional.cross_entropy(model.forward(ids).view(-1, Tokens), next));
            })
        { Tolerance = 1e-3 };
    }

    private static int[] Next => [.. Numbers.Ids(Batch * Length + 1, Tokens).Skip(1)];

    private sealed class LibtorchGpt : nn.Module<Torch, Torch>
    {
        private readonly Embedding tokens = nn.Embedding(Tokens, Width), positions = nn.Embedding(Length, Width);
        private readonly TorchSharp.Modules.Sequential blocks = nn.Sequential(Enumerable.Range(0, Depth).Select(nn.Module<Torch, Torch> (_) => new LibtorchBlock(Width, Heads, Inner, 1e-5, normFirst: true)).ToArray());
        private readonly LibtorchNorm norm = new(Width, 1e-5, bias: false);

        public LibtorchGpt() : base(nameof(LibtorchGpt)) => RegisterComponents();

        public override Torch forward(Torch ids)
        {
            var x = blocks.forward(tokens.forward(ids) + positions.weight!);
            return nn.functional.linear(norm.forward(x), tokens.weight!);
        }
    }
}
