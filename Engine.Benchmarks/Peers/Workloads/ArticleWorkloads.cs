using Engine.Kernels;
using Engine.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace Engine.Peers;

/// <summary>The article's two networks: convolutions on digits, and LSTMs on texts.</summary>
internal static class ArticleWorkloads
{
    private const int Words = 10_000, WordSize = 64, Units = 128, Length = 100, Classes = 10;

    public static IEnumerable<Workload> All =>
    [
        CnnTraining(32), CnnInference(1), CnnInference(256),
        LstmTraining(32), LstmInference(1), LstmInference(32),
    ];

    private const double CnnParameters = 320 + 18_496 + 204_928 + 1_290;
    private const double LstmParameters = Words * WordSize + 4 * Units * (WordSize + Units + 2) + 4 * Units * (2 * Units + 2) + (Units + 1) * Classes;

    // Products of an image: two convolutions and two dense layers. The gradient of the image itself is not asked for.
    private const double CnnFirst = 2.0 * 26 * 26 * 32 * 9;
    private const double CnnFlops = CnnFirst + 2.0 * 11 * 11 * 64 * 32 * 9 + 2.0 * 1600 * 128 + 2.0 * 128 * 10;

    // Of a text: each step's products of input and state.
    private const double LstmFlops = Length * 2.0 * 4 * Units * (WordSize + Units + 2 * Units) + 2.0 * Units * Classes;

    private static Workload CnnTraining(int batch)
        => new($"cnn training b{batch}", Group.Model, batch * (3 * CnnFlops - CnnFirst), Models.TrainingBytes(CnnParameters, batch * 784),
            device =>
            {
                var model = Models.Filled(Examples.CnnModel.Build(new Core.Rng(1)), device);
                Tensor x = Images(batch, device), y = Labels(batch, device);
                var pass = Pass.Train(new Core.Rng(1));
                return Models.Training(device, model, () => model.Forward(x, pass).CrossEntropy(y));
            },
            () =>
            {
                var model = Models.Filled(LibtorchCnn.Build());
                Torch x = Images(batch), y = Labels(batch);
                return Models.Training(model, () => nn.functional.cross_entropy(model.forward(x), y));
            })
        { Tolerance = 1e-3 };

    private static Workload CnnInference(int batch)
        => new($"cnn inference b{batch}", Group.Model, batch * CnnFlops, 4 * (CnnParameters + batch * 784),
            device =>
            {
                var model = Models.Filled(Examples.CnnModel.Build(new Core.Rng(1)), device);
                var x = Images(batch, device);
                return Models.Inference(device, () => model.Predict(x));
            },
            () =>
            {
                var model = Models.Filled(LibtorchCnn.Build());
                var x = Images(batch);
                return Models.Inference(model, () => model.forward(x));
            });

    private static Workload LstmTraining(int batch)
        => new($"lstm training b{batch} T{Length}", Group.Model, 3 * batch * LstmFlops, Models.TrainingBytes(LstmParameters, batch * Length),
            device =>
            {
                var model = EngineLstm(device);
                Tensor x = Ids(batch, device), y = Labels(batch, device);
                var pass = Pass.Train(new Core.Rng(1));
                return Models.Training(device, model, () => model.Forward(x, pass).CrossEntropy(y));
            },
            () =>
            {
                var model = new LibtorchLstm();
                Torch x = Ids(batch), y = Labels(batch);
                return Models.Training(model, () => nn.functional.cross_entropy(model.forward(x), y));
            })
        { Tolerance = 1e-3 };

    private static Workload LstmInference(int batch)
        => new($"lstm inference b{batch} T{Length}", Group.Model, batch * LstmFlops, 4 * (LstmParameters - Words * WordSize + batch * Length * WordSize),
            device =>
            {
                var model = EngineLstm(device);
                var x = Ids(batch, device);
                return Models.Inference(device, () => model.Predict(x));
            },
            () =>
            {
                var model = new LibtorchLstm();
                var x = Ids(batch);
                return Models.Inference(model, () => model.forward(x));
            });

    private static Sequential EngineLstm(Device device)
    {
        var rng = new Core.Rng(1);
        return Models.Filled(new Sequential { new Embedding(Words, WordSize, rng), new Lstm(WordSize, Units, rng, layers: 2, returnSequences: false), new Linear(Units, Classes, rng) }, device);
    }

    private static Tensor Images(int batch, Device device) => Tensor.From(Numbers.Uniform(batch * 784, 99), [batch, 1, 28, 28], device);

    private static Torch Images(int batch) => tensor(Numbers.Uniform(batch * 784, 99), [batch, 1, 28, 28]);

    private static Tensor Labels(int batch, Device device) => Tensor.From(Numbers.Ids(batch, Classes), [batch], device);

    private static Torch Labels(int batch) => tensor(Array.ConvertAll(Numbers.Ids(batch, Classes), c => (long)c));

    private static Tensor Ids(int batch, Device device) => Tensor.From(Numbers.Ids(batch * Length, Words), [batch, Length], device);

    private static Torch Ids(int batch) => tensor(Array.ConvertAll(Numbers.Ids(batch * Length, Words), c => (long)c), [batch, Length]);

    private sealed class LibtorchLstm : nn.Module<Torch, Torch>
    {
        private readonly TorchSharp.Modules.Embedding words = nn.Embedding(Words, WordSize);
        private readonly TorchSharp.Modules.LSTM lstm = nn.LSTM(WordSize, Units, numLayers: 2, batchFirst: true);
        private readonly TorchSharp.Modules.Linear dense = nn.Linear(Units, Classes);

        public LibtorchLstm() : base(nameof(LibtorchLstm))
        {
            RegisterComponents();
            Models.Filled(this);
        }

        public override Torch forward(Torch ids) => dense.forward(lstm.forward(words.forward(ids)).Item1[TensorIndex.Colon, -1]);
    }
}
