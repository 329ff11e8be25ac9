using Engine.Core;
using Engine.Kernels;
using Engine.Layers;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.utils.rnn;
using Device = Engine.Kernels.Device;
using EngineTensor = Engine.Core.Tensor;
using TorchPacked = TorchSharp.torch.nn.utils.rnn.PackedSequence;
using TorchTensor = TorchSharp.torch.Tensor;

namespace Engine.Libtorch;

/// <summary>Rnn, Gru and Lstm beside libtorch's, on shapes drawn at random.</summary>
public class RecurrentTests : Comparison
{
    private const int Cases = 40;

    /// <summary>What is computed, and from what.</summary>
    private sealed record Case(string Kind, int Batch, int Steps, int InputSize, int HiddenSize, int Layers, bool Bidirectional, bool Bias, bool HasState, int[]? Lengths)
    {
        public static Case Draw(int number)
        {
            var random = Drawn.For(number);
            int batch = random.Next(1, 8), steps = random.Next(1, 13);
            // Every kind with one layer and two, one direction and both, with and without states and lengths; the rest by chance.
            string kind = new[] { "lstm", "gru", "rnn", "relu" }[number % 4];
            bool both = number / 4 % 2 == 1, has = number / 8 % 2 == 1 || random.Flip(), packed = number / 16 % 2 == 1 || random.Flip();
            return new Case(kind, batch, steps, random.Next(1, 24), random.Next(1, 40), random.Next(1, 3), both, random.Next(5) > 0, has,
                packed ? [.. Enumerable.Range(0, batch).Select(_ => random.Next(1, steps + 1))] : null);
        }

        public int States => Layers * (Bidirectional ? 2 : 1);

        public bool HasCell => Kind == "lstm";

        public override string ToString()
            => $"{Kind} {InputSize} -> {HiddenSize}, layers={Layers}{(Bidirectional ? ", bidirectional" : "")}{(Bias ? "" : ", no bias")}, ({Batch}, {Steps}){(HasState ? ", initial state" : "")}{(Lengths is null ? "" : $", lengths {string.Join(' ', Lengths)}")}";
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
        var layer = Make(c, new Rng((ulong)number)).To(device);
        var inputs = Inputs(c, number);
        var ours = Ours(c, layer, inputs, device);
        var theirs = Theirs(c, layer, inputs, type);
        return Compare(ours, theirs, tolerance, c);
    }

    private static Recurrent Make(Case c, Rng rng) => c.Kind switch
    {
        "lstm" => new Lstm(c.InputSize, c.HiddenSize, rng, c.Layers, c.Bidirectional, bias: c.Bias),
        "gru" => new Gru(c.InputSize, c.HiddenSize, rng, c.Layers, c.Bidirectional, bias: c.Bias),
        _ => new Rnn(c.InputSize, c.HiddenSize, rng, c.Kind == "relu" ? Activation.Relu : Activation.Tanh, c.Layers, c.Bidirectional, bias: c.Bias),
    };

    /// <summary>Numbers and shapes of the input, the initial states, and of the weights that make one loss of outputs and last states.</summary>
    private static Dictionary<string, (double[] Numbers, int[] Shape)> Inputs(Case c, int number)
    {
        var random = Drawn.For(number + Cases);
        int directions = c.Bidirectional ? 2 : 1;
        int[] state = [c.States, c.Batch, c.HiddenSize], outputs = [c.Batch, c.Steps, directions * c.HiddenSize];
        var inputs = new Dictionary<string, (double[], int[])>();
        Add("x", [c.Batch, c.Steps, c.InputSize], 1);
        Add("outputs", outputs, c.Batch * c.Steps);
        Add("h", state, c.Batch);
        if (c.HasCell) Add("c", state, c.Batch);
        if (c.HasState) Add("h0", state, 1);
        if (c.HasState && c.HasCell) Add("c0", state, 1);
        return inputs;

        // Rounded to float, so that both precisions start from the same.
        void Add(string name, int[] shape, double divisor)
            => inputs[name] = ([.. random.Numbers(shape.Aggregate(1, (a, b) => a * b)).Select(v => (double)(float)(v / divisor))], shape);
    }

    private static Dictionary<string, double[]> Ours(Case c, Recurrent layer, Dictionary<string, (double[] Numbers, int[] Shape)> inputs, Device device)
    {
        EngineTensor Of(string name) => EngineTensor.From(inputs[name].Numbers, inputs[name].Shape, device);
        var leaves = inputs.Keys.Where(n => n is "x" or "h0" or "c0").ToDictionary(n => n, n => Of(n).WithGrad());
        var state = c.HasState ? new RecurrentState(leaves["h0"], c.HasCell ? leaves["c0"] : null) : null;
        var (outputs, last) = layer.Run(leaves["x"], Pass.Inference.WithLengths(c.Lengths), state);
        var loss = (outputs * Of("outputs")).Sum() + (last.Hidden * Of("h")).Sum();
        if (c.HasCell) loss += (last.Cell! * Of("c")).Sum();
        loss.Backward();
        var found = new Dictionary<string, double[]> { ["outputs"] = outputs.ToArray<double>(), ["h"] = last.Hidden.ToArray<double>() };
        if (c.HasCell) found["c"] = last.Cell!.ToArray<double>();
        foreach (var (name, leaf) in leaves) found[$"gradient of {name}"] = leaf.Grad!.ToArray<double>();
        foreach (var (name, parameter) in layer.NamedParameters()) found[$"gradient of {name}"] = parameter.Grad!.ToArray<double>();
        return found;
    }

    private static Dictionary<string, double[]> Theirs(Case c, Recurrent layer, Dictionary<string, (double[] Numbers, int[] Shape)> inputs, ScalarType type)
    {
        using var scope = NewDisposeScope();
        TorchTensor Of(string name) => Torch(inputs[name].Numbers, inputs[name].Shape);
        TorchTensor Torch(double[] numbers, IEnumerable<int> shape) => tensor(numbers, shape.Select(n => (long)n).ToArray()).to_type(type);
        double[] Numbers(TorchTensor t) => t.detach().to_type(ScalarType.Float64).contiguous().data<double>().ToArray();

        var leaves = inputs.Keys.Where(n => n is "x" or "h0" or "c0").ToDictionary(n => n, n => Of(n).requires_grad_());
        TorchTensor outputs, h, cell = null!;
        TorchTensor h0 = c.HasState ? leaves["h0"] : null!;
        using var packed = c.Lengths is null ? null : pack_padded_sequence(leaves["x"], tensor(Array.ConvertAll(c.Lengths, n => (long)n)), batch_first: true, enforce_sorted: false);
        TorchPacked? packedOutputs = null;
        nn.Module module;
        if (c.Kind == "lstm")
        {
            var lstm = nn.LSTM(c.InputSize, c.HiddenSize, c.Layers, c.Bias, batchFirst: true, bidirectional: c.Bidirectional, dtype: type);
            Load(module = lstm);
            (TorchTensor, TorchTensor)? begin = c.HasState ? (h0, leaves["c0"]) : null;
            if (packed is null) (outputs, h, cell) = lstm.call(leaves["x"], begin);
            else ((packedOutputs, h, cell), outputs) = (lstm.call(packed, begin), null!);
        }
        else if (c.Kind == "gru")
        {
            var gru = nn.GRU(c.InputSize, c.HiddenSize, c.Layers, c.Bias, batchFirst: true, bidirectional: c.Bidirectional, dtype: type);
            Load(module = gru);
            if (packed is null) (outputs, h) = gru.call(leaves["x"], h0);
            else ((packedOutputs, h), outputs) = (gru.call(packed, h0), null!);
        }
        else
        {
            var nonLinearity = c.Kind == "relu" ? nn.NonLinearities.ReLU : nn.NonLinearities.Tanh;
            var rnn = nn.RNN(c.InputSize, c.HiddenSize, c.Layers, nonLinearity, c.Bias, batchFirst: true, bidirectional: c.Bidirectional, dtype: type);
            Load(module = rnn);
            if (packed is null) (outputs, h) = rnn.call(leaves["x"], h0);
            else ((packedOutputs, h), outputs) = (rnn.call(packed, h0), null!);
        }
        if (packedOutputs is not null) (outputs, _) = pad_packed_sequence(packedOutputs, batch_first: true, total_length: c.Steps);
        var loss = (outputs * Of("outputs")).sum() + (h * Of("h")).sum();
        if (c.HasCell) loss += (cell * Of("c")).sum();
        loss.backward();
        var found = new Dictionary<string, double[]> { ["outputs"] = Numbers(outputs), ["h"] = Numbers(h) };
        if (c.HasCell) found["c"] = Numbers(cell);
        foreach (var (name, leaf) in leaves) found[$"gradient of {name}"] = Numbers(leaf.grad!);
        foreach (var (name, parameter) in module.named_parameters()) found[$"gradient of {name}"] = Numbers(parameter.grad!);
        module.Dispose();
        return found;

        void Load(nn.Module module)
        {
            var ours = layer.NamedParameters().ToDictionary();
            using (no_grad())
                foreach (var (name, parameter) in module.named_parameters()) parameter.copy_(Torch(ours[name].Value.ToArray<double>(), ours[name].Shape));
        }
    }
}
