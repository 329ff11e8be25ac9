using Engine.Core;
using Engine.Kernels;
using Engine.Layers;
using TorchSharp;
using static TorchSharp.torch;
using Device = Engine.Kernels.Device;
using EngineTensor = Engine.Core.Tensor;
using TorchTensor = TorchSharp.torch.Tensor;

namespace Engine.Libtorch;

/// <summary>Attention and the layers of a transformer beside libtorch's, on shapes drawn at random, with masks of every kind.</summary>
public class TransformerTests : Comparison
{
    private const int Cases = 40;

    /// <summary>What is computed, and from what. Libtorch's layers here normalise last; those that normalise first are put together of its parts.</summary>
    private sealed record Case(bool Decoder, bool NormFirst, bool Gelu, int Batch, int Steps, int MemorySteps, int Heads, int HeadSize, int Inner, bool Causal, bool Mask, int[]? Lengths, int[]? MemoryLengths)
    {
        public static Case Draw(int number)
        {
            var random = Drawn.For(number);
            int batch = random.Next(1, 5), steps = random.Next(1, 20), memory = random.Next(1, 20);
            int[] Each(int most) => [.. Enumerable.Range(0, batch).Select(_ => random.Next(1, most + 1))];
            return new Case(number % 2 == 1, number / 2 % 2 == 1, number / 4 % 2 == 1, batch, steps, memory, random.Next(1, 5), random.Next(1, 9), random.Next(1, 40),
                number % 2 == 1 || number / 8 % 2 == 1, random.Flip(), random.Flip() ? Each(steps) : null, random.Flip() ? Each(memory) : null);
        }

        public int Width => Heads * HeadSize;
    }

    [Test]
    public void Float_IsLibtorchs_WithinOneHundredThousandth([Range(0, Cases - 1)] int number)
        => Note(Compare(number, new CpuDevice(1), ScalarType.Float32, 1e-5));

    [Test]
    public void Double_IsLibtorchs([Range(0, Cases - 1)] int number) => Compare(number, new ReferenceDevice(), ScalarType.Float64, 1e-10);

    private static double Compare(int number, Device device, ScalarType type, double tolerance)
    {
        var c = Case.Draw(number);
        TestContext.Out.WriteLine($"SEED={Drawn.Seed}: {c}");
        var settings = new TransformerLayerSettings { Width = c.Width, Heads = c.Heads, Inner = c.Inner, NormFirst = c.NormFirst, Activation = c.Gelu ? Activation.Gelu : Activation.Relu, Causal = c.Causal, Dropout = 0 };
        var rng = new Rng((ulong)number);
        Layer layer = c.Decoder ? new TransformerDecoderLayer(settings, rng) : new TransformerEncoderLayer(settings, rng);
        // Biases and norms that are not 0 and 1.
        var random = Drawn.For(number + Cases);
        foreach (var (_, parameter) in layer.NamedParameters())
            if (parameter.Shape.Rank == 1) parameter.CopyFrom([.. random.Numbers(parameter.Shape[0]).Select(v => (float)(1 + v / 2))]);
        layer.To(device);
        float[] Numbers(int count) => [.. random.Numbers(count).Select(v => (float)v)];
        var inputs = new Inputs(Numbers(c.Batch * c.Steps * c.Width), Numbers(c.Batch * c.MemorySteps * c.Width), Numbers(c.Batch * c.Steps * c.Width),
            [.. Numbers(c.Steps * c.Steps).Select(v => v > 0.5 ? float.NegativeInfinity : v)]);
        // Each position sees itself, so that no row is hidden from everything, where libtorch gives NaN.
        for (int i = 0; i < c.Steps; i++) inputs.Mask[i * c.Steps] = inputs.Mask[i * c.Steps + i] = 0;
        var ours = Ours(c, layer, inputs, device);
        var theirs = Theirs(c, layer, inputs, type);
        return Compare(ours, theirs, tolerance, c);
    }

    /// <summary>Both begin from the same floats. The loss is the mean of the result's products with Loss, over the steps that are no padding.</summary>
    private sealed record Inputs(float[] X, float[] Memory, float[] Loss, float[] Mask);

    private static Dictionary<string, double[]> Ours(Case c, Layer layer, Inputs inputs, Device device)
    {
        EngineTensor Of(float[] numbers, params int[] shape) => EngineTensor.From(Array.ConvertAll(numbers, v => (double)v), shape, device);
        var x = Of(inputs.X, c.Batch, c.Steps, c.Width).WithGrad();
        var memory = Of(inputs.Memory, c.Batch, c.MemorySteps, c.Width).WithGrad();
        var mask = c.Mask ? Of(inputs.Mask, c.Steps, c.Steps) : null;
        var pass = Pass.Inference.WithLengths(c.Lengths);
        var y = layer is TransformerDecoderLayer decoder ? decoder.Run(x, memory, pass, c.MemoryLengths, mask) : ((TransformerEncoderLayer)layer).Run(x, pass, mask);
        var result = y * Of(Counted(c), c.Batch, c.Steps, 1);
        ((result * Of(inputs.Loss, c.Batch, c.Steps, c.Width)).Sum() / (c.Batch * c.Steps)).Backward();
        var found = new Dictionary<string, double[]> { ["y"] = result.ToArray<double>(), ["gradient of x"] = x.Grad!.ToArray<double>() };
        if (c.Decoder) found["gradient of the memory"] = memory.Grad!.ToArray<double>();
        foreach (var (name, parameter) in layer.NamedParameters()) found[$"gradient of {name}"] = parameter.Grad!.ToArray<double>();
        return found;
    }

    private static float[] Counted(Case c)
        => [.. Enumerable.Range(0, c.Batch * c.Steps).Select(i => c.Lengths is null || i % c.Steps < c.Lengths[i / c.Steps] ? 1f : 0)];

    private static Dictionary<string, double[]> Theirs(Case c, Layer layer, Inputs inputs, ScalarType type)
    {
        using var scope = NewDisposeScope();
        TorchTensor Of(double[] numbers, IEnumerable<int> shape) => tensor(numbers, [.. shape.Select(n => (long)n)]).to_type(type);
        TorchTensor Floats(float[] numbers, params int[] shape) => Of(Array.ConvertAll(numbers, v => (double)v), shape);
        double[] Numbers(TorchTensor t) => t.detach().to_type(ScalarType.Float64).contiguous().data<double>().ToArray();

        TorchTensor x = Floats(inputs.X, c.Batch, c.Steps, c.Width).requires_grad_(), memory = Floats(inputs.Memory, c.Batch, c.MemorySteps, c.Width).requires_grad_();
        // Libtorch's masks: what is added to the scores, and true for padding.
        var mask = zeros(c.Steps, c.Steps, type);
        if (c.Mask) mask += Floats(inputs.Mask, c.Steps, c.Steps);
        if (c.Causal) mask = mask.masked_fill(ones(c.Steps, c.Steps, type).triu(1).to_type(ScalarType.Bool), double.NegativeInfinity);
        TorchTensor? padding = Padding(c.Lengths, c.Steps), memoryPadding = Padding(c.MemoryLengths, c.MemorySteps);
        var activation = c.Gelu ? nn.Activations.GELU : nn.Activations.ReLU;
        using nn.Module module = c.Decoder
            ? nn.TransformerDecoderLayer(c.Width, c.Heads, c.Inner, 0, activation)
            : nn.TransformerEncoderLayer(c.Width, c.Heads, c.Inner, 0, activation);
        module.to(type);
        var ours = layer.NamedParameters().ToDictionary();
        Assert.That(module.named_parameters().Select(p => p.name), Is.EquivalentTo(ours.Keys));
        using (no_grad())
            foreach (var (name, parameter) in module.named_parameters()) parameter.copy_(Of(ours[name].Value.ToArray<double>(), ours[name].Shape.Sizes.ToArray()));

        var y = (c.NormFirst ? NormFirst() : NormLast()).transpose(0, 1) * Floats(Counted(c), c.Batch, c.Steps, 1);
        ((y * Floats(inputs.Loss, c.Batch, c.Steps, c.Width)).sum() / (c.Batch * c.Steps)).backward();
        var found = new Dictionary<string, double[]> { ["y"] = Numbers(y), ["gradient of x"] = Numbers(x.grad!) };
        if (c.Decoder) found["gradient of the memory"] = Numbers(memory.grad!);
        foreach (var (name, parameter) in module.named_parameters()) found[$"gradient of {name}"] = Numbers(parameter.grad!);
        return found;

        TorchTensor? Padding(int[]? lengths, int steps)
            => lengths is null ? null : tensor(lengths.SelectMany(n => Enumerable.Range(0, steps).Select(i => i >= n)).ToArray(), [lengths.Length, steps]);

        TorchTensor NormLast() => c.Decoder
            ? ((TorchSharp.Modules.TransformerDecoderLayer)module).call(x.transpose(0, 1), memory.transpose(0, 1), mask, null, padding, memoryPadding)
            : ((TorchSharp.Modules.TransformerEncoderLayer)module).call(x.transpose(0, 1), mask, padding);

        // The same parameters, normalised first, by libtorch's functions.
        TorchTensor NormFirst()
        {
            var p = module.named_parameters().ToDictionary(named => named.name, named => named.parameter);
            TorchTensor Norm(string name, TorchTensor of) => nn.functional.layer_norm(of, [c.Width], p[$"{name}.weight"], p[$"{name}.bias"], 1e-5);
            TorchTensor Attend(string name, TorchTensor queries, TorchTensor keys, TorchTensor? added, TorchTensor? hidden)
            {
                var weights = p[$"{name}.in_proj_weight"].chunk(3);
                var biases = p[$"{name}.in_proj_bias"].chunk(3);
                TorchTensor Heads(TorchTensor of, int i) => nn.functional.linear(of, weights[i], biases[i]).reshape(-1, c.Batch, c.Heads, c.HeadSize).permute(1, 2, 0, 3);
                var scores = Heads(queries, 0).matmul(Heads(keys, 1).transpose(2, 3)) / Math.Sqrt(c.HeadSize);
                if (added is not null) scores = scores + added;
                if (hidden is not null) scores = scores.masked_fill(hidden.unsqueeze(1).unsqueeze(1), double.NegativeInfinity);
                var y = scores.softmax(3).matmul(Heads(keys, 2)).permute(2, 0, 1, 3).reshape(-1, c.Batch, c.Width);
                return nn.functional.linear(y, p[$"{name}.out_proj.weight"], p[$"{name}.out_proj.bias"]);
            }
            var from = x.transpose(0, 1);
            var normed = Norm("norm1", from);
            var a = from + Attend("self_attn", normed, normed, mask, padding);
            if (c.Decoder) a = a + Attend("multihead_attn", Norm("norm2", a), memory.transpose(0, 1), null, memoryPadding);
            var inner = nn.functional.linear(Norm(c.Decoder ? "norm3" : "norm2", a), p["linear1.weight"], p["linear1.bias"]);
            return a + nn.functional.linear(c.Gelu ? nn.functional.gelu(inner) : nn.functional.relu(inner), p["linear2.weight"], p["linear2.bias"]);
        }
    }
}
