using System.Globalization;
using Engine.Core;
using Engine.Layers;

namespace Engine.Tests.Layers;

/// <summary>A hundred steps of each optimizer on a small net, in double: libtorch's parameters.</summary>
public class OptimizerPeerTests
{
    // Weights (4, 3), bias (4), weights (2, 4), bias (2) after 100 steps. Made with TorchSharp 0.107.0 in float64: `Peers optimizers` prints them,
    // Engine.Benchmarks/Peers/OptimizerPaths.cs.
    private static readonly Dictionary<string, string> Libtorch = new()
    {
        ["Sgd"] = "0.130570612 1.014155392 -0.391907289 -0.669296927 0.691575979 0.491085413 -0.909596699 -0.363760033 1.003333654 -0.666770535 -0.571254717 0.813976585 0.705593096 0.132116271 -1.009157503 0.089716115 0.431877803 -0.219150736 -0.510620702 0.721236524 0.816291511 -0.423171179 -0.246607071 1.073294863 -0.488202066 -0.498257557",
        ["Sgd, momentum, decay"] = "0.261512123 1.703649976 -0.700523962 -0.734475225 1.526203469 0.341189397 -0.996663729 -0.220046591 1.053367312 -1.512618077 -0.384443495 1.611684932 -0.069412844 -0.174906081 -1.024055325 0.096879536 -1.200098642 1.190310664 -1.034895267 -0.381546142 1.153362920 -0.983360189 -0.801912097 1.718292067 -0.373332441 -0.427707385",
        ["Sgd, Nesterov"] = "0.274579057 2.032963025 -0.798451243 -0.889866137 1.854103736 0.412084021 -1.294380174 -0.313031867 1.375045039 -1.688211534 -0.571452462 1.835468541 -0.186937224 -0.313228210 -0.988963987 0.215659210 -1.281319642 1.361808767 -1.263621598 -0.096711756 1.540550893 -1.218477245 -0.601517611 1.854901218 -0.299254854 -0.351410096",
        ["RmsProp"] = "0.135461298 1.456324541 -0.424123699 -0.826464685 1.561181481 0.538114330 -1.455304442 -0.124821256 1.590132903 -0.514991435 -0.474825293 0.773317902 -0.115390598 0.000664805 -0.177383445 0.463946740 0.239709212 0.155102181 -0.850893138 1.075761765 1.363466894 -1.133511291 0.606592828 0.906373000 -0.363189835 -0.139186926",
        ["RmsProp, momentum"] = "0.343658922 2.262698666 -0.779722632 -1.035396019 2.502457832 0.561368164 -1.795370446 -0.136374942 2.038842065 -0.936441983 -0.502095223 1.248840959 -0.159930396 -0.248764080 -0.862536159 0.087680387 -0.659799793 0.891579095 -1.070758309 0.342254657 1.761918752 -1.205330406 -0.526569086 2.076317360 -0.211616977 -0.248188333",
        ["RmsProp, centered"] = "0.182196001 1.891819486 -0.504872460 -0.753595159 1.864653846 0.436438243 -1.541912860 0.012928835 1.693373104 -0.589603547 -0.498582676 0.867857288 0.095517386 -0.032344598 -0.830563627 0.150164056 0.137811910 0.215556677 -0.777996693 0.773598650 1.618029273 -1.007401905 -0.328667651 1.890162283 -0.299263954 -0.305405493",
        ["RmsProp, momentum, centered"] = "0.349865540 2.282102312 -0.784699660 -1.039352323 2.574559290 0.571802604 -1.797357887 -0.151902204 2.051480862 -0.945592559 -0.501823698 1.260327912 -0.169111398 -0.249574943 -0.882340673 0.085252775 -0.693962532 0.914149971 -1.070811203 0.322730087 1.762764999 -1.201038860 -0.545444704 2.079856376 -0.210449678 -0.248322411",
        ["Adagrad"] = "-0.000200474 1.111070561 -0.243877129 -0.525831276 0.823451545 0.309324205 -0.959684388 -0.186073042 1.009421448 -0.454819027 -0.488148213 0.704902000 0.175776215 0.068860327 -0.867140143 0.213745165 0.404546864 -0.174906314 -0.543458901 0.720548504 0.953492920 -0.614190160 -0.234461372 1.155624703 -0.376252275 -0.335210840",
        ["Adadelta"] = "-0.016482752 0.965891163 -0.185560919 -0.487232174 0.617137822 0.281496864 -0.691074404 -0.476952993 0.768024458 -0.151589678 -0.727396875 0.407629879 0.750459014 0.184018919 -0.139082663 -0.175442720 0.637153618 -0.386856496 -0.482731184 0.837006353 1.121702237 -0.684735984 0.027543031 0.865033593 -0.105623843 -0.647716514",
        ["Adam"] = "0.087431556 0.820964792 -0.289863403 -0.559310898 0.960247157 0.332313083 -1.094116941 0.042062675 1.130968322 -0.518110812 -0.405964009 0.772614059 0.143132324 0.122697411 -0.397219166 0.406043750 0.292614564 0.029595442 -0.559615564 0.694124075 1.010791402 -0.600184785 0.069306298 0.973423449 -0.343057058 -0.311681736",
        ["Adam, amsgrad"] = "0.053311372 1.191904938 -0.293954787 -0.522129688 1.131340079 0.267322639 -1.261062584 -0.251265079 1.414899278 -0.529238881 -0.441225860 0.794094640 0.092146009 0.141805105 -1.691080913 0.090739409 0.265845390 -0.103782615 -0.524440455 0.518054095 1.043903874 -0.598928262 -0.610406805 1.401179431 -0.375107096 -0.400104628",
        ["AdamW"] = "0.039185540 0.995068942 -0.238671397 -0.431466906 0.924873582 0.223427685 -1.138379468 -0.319348344 1.320044909 -0.470538799 -0.376810559 0.692461273 0.011607247 0.228796541 -1.588178801 0.136863417 0.219120670 -0.101193104 -0.463059726 0.450924793 0.846813589 -0.483482338 -0.561025052 1.224601213 -0.330273283 -0.336832571",
        ["AdamW, amsgrad"] = "0.037693150 0.994761098 -0.236765699 -0.429263317 0.922597350 0.221656101 -1.137836048 -0.321505745 1.319779092 -0.467155525 -0.378171367 0.688911836 0.010899908 0.229925611 -1.590502606 0.136783010 0.221919979 -0.103797569 -0.461607306 0.451864644 0.845666847 -0.481114964 -0.561169176 1.223008091 -0.329772629 -0.336734075",
        ["Adamax"] = "-0.029785615 0.921129318 -0.147826579 -0.417210795 0.677054011 0.189408195 -0.807690463 -0.302570257 0.864249847 -0.310496598 -0.584594941 0.566768726 0.314242094 0.145388297 -0.718233223 0.013779838 0.472407987 -0.268230771 -0.437427215 0.679608063 0.951426048 -0.582342413 -0.078279447 0.831129493 -0.308791625 -0.259015727",
        ["NAdam"] = "0.095703499 0.971941038 -0.317423365 -0.648503039 1.080136520 0.421029916 -1.229211162 -0.131889392 1.349050261 -0.440325507 -0.488265232 0.697069399 0.037127897 0.052746023 -0.164924536 0.393071267 0.406567463 -0.025262336 -0.571750330 0.914118510 1.152326546 -0.785606568 0.406373825 0.869128247 -0.320542999 -0.240906436",
    };

    private static readonly Dictionary<string, Func<IEnumerable<Parameter>, Optimizer>> Ours = new()
    {
        ["Sgd"] = p => new Sgd(p, 0.05),
        ["Sgd, momentum, decay"] = p => new Sgd(p, 0.05, momentum: 0.9, weightDecay: 0.01),
        ["Sgd, Nesterov"] = p => new Sgd(p, 0.05, momentum: 0.9, nesterov: true),
        ["RmsProp"] = p => new RmsProp(p, 0.01, weightDecay: 0.01),
        ["RmsProp, momentum"] = p => new RmsProp(p, 0.005, momentum: 0.8),
        ["RmsProp, centered"] = p => new RmsProp(p, 0.01, centered: true),
        ["RmsProp, momentum, centered"] = p => new RmsProp(p, 0.005, momentum: 0.8, centered: true),
        ["Adagrad"] = p => new Adagrad(p, 0.1, rateDecay: 0.01, weightDecay: 0.01, initialSum: 0.1),
        ["Adadelta"] = p => new Adadelta(p, 1, weightDecay: 0.01),
        ["Adam"] = p => new Adam(p, 0.02, weightDecay: 0.01),
        ["Adam, amsgrad"] = p => new Adam(p, 0.02, amsgrad: true),
        ["AdamW"] = p => new AdamW(p, 0.02, weightDecay: 0.1),
        ["AdamW, amsgrad"] = p => new AdamW(p, 0.02, weightDecay: 0.1, amsgrad: true),
        ["Adamax"] = p => new Adamax(p, 0.02, weightDecay: 0.01),
        ["NAdam"] = p => new NAdam(p, 0.02, weightDecay: 0.01),
    };

    public static IEnumerable<string> Names => Ours.Keys;

    [TestCaseSource(nameof(Names))]
    public void HundredSteps_AreLibtorchs(string name)
    {
        double[] expected = [.. Libtorch[name].Split(' ').Select(v => double.Parse(v, CultureInfo.InvariantCulture))];
        double[] ours = [.. Run(Ours[name]).SelectMany(p => p)];
        TestContext.Out.WriteLine($"{name}: off by {ours.Zip(expected, (a, b) => Math.Abs(a - b)).Max():E2} at most");
        Assert.That(ours, Is.EqualTo(expected).Within(1e-6));
    }

    // Chen and others 2023, arXiv:2302.06675, algorithm 2.
    [Test]
    public void Lion_IsThePapersLoop()
    {
        const double rate = 3e-3, beta1 = 0.9, beta2 = 0.99, decay = 0.1;
        AssertFollows(p => new Lion(p, rate, beta1, beta2, decay), () =>
        {
            double[] m = [];
            return (w, g, _) =>
            {
                if (m.Length == 0) m = new double[w.Length];
                for (int i = 0; i < w.Length; i++)
                {
                    double c = beta1 * m[i] + (1 - beta1) * g[i];
                    w[i] -= rate * (Math.Sign(c) + decay * w[i]);
                    m[i] = beta2 * m[i] + (1 - beta2) * g[i];
                }
            };
        });
    }

    // You and others 2020, arXiv:1904.00962, algorithm 2, with the identity for φ.
    [Test]
    public void Lamb_IsThePapersLoop()
    {
        const double rate = 0.02, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-6, decay = 0.05;
        AssertFollows(p => new Lamb(p, rate, beta1, beta2, epsilon, decay), () =>
        {
            double[] m = [], v = [];
            return (w, g, t) =>
            {
                if (m.Length == 0) (m, v) = (new double[w.Length], new double[w.Length]);
                var u = new double[w.Length];
                for (int i = 0; i < w.Length; i++)
                {
                    m[i] = beta1 * m[i] + (1 - beta1) * g[i];
                    v[i] = beta2 * v[i] + (1 - beta2) * g[i] * g[i];
                    double mean = m[i] / (1 - Math.Pow(beta1, t)), square = v[i] / (1 - Math.Pow(beta2, t));
                    u[i] = mean / (Math.Sqrt(square) + epsilon) + decay * w[i];
                }
                double trust = Math.Sqrt(w.Sum(x => x * x)) / Math.Sqrt(u.Sum(x => x * x));
                for (int i = 0; i < w.Length; i++) w[i] -= rate * trust * u[i];
            };
        });
    }

    // The algorithm on the page of PyTorch's NAdam, with the decay beside the gradient.
    [Test]
    public void NAdam_Decoupled_IsPyTorchsLoop()
    {
        const double rate = 0.02, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, decay = 0.1, momentumDecay = 4e-3;
        AssertFollows(p => new NAdam(p, rate, beta1, beta2, epsilon, decay, momentumDecay, decoupled: true), () =>
        {
            double[] m = [], v = [];
            double product = 1;
            return (w, g, t) =>
            {
                if (m.Length == 0) (m, v) = (new double[w.Length], new double[w.Length]);
                double now = beta1 * (1 - 0.5 * Math.Pow(0.96, t * momentumDecay)), next = beta1 * (1 - 0.5 * Math.Pow(0.96, (t + 1) * momentumDecay));
                product *= now;
                for (int i = 0; i < w.Length; i++)
                {
                    w[i] -= rate * decay * w[i];
                    m[i] = beta1 * m[i] + (1 - beta1) * g[i];
                    v[i] = beta2 * v[i] + (1 - beta2) * g[i] * g[i];
                    double mean = next * m[i] / (1 - product * next) + (1 - now) * g[i] / (1 - product);
                    w[i] -= rate * mean / (Math.Sqrt(v[i] / (1 - Math.Pow(beta2, t))) + epsilon);
                }
            };
        });
    }

    private delegate void Loop(double[] w, double[] g, int step);

    // The loop is given the gradients of the net where its own weights are.
    private static void AssertFollows(Func<IEnumerable<Parameter>, Optimizer> make, Func<Loop> rule)
    {
        var loops = Start().Select(_ => rule()).ToArray();
        var parameters = Start();
        for (int step = 1; step <= 100; step++)
        {
            foreach (var p in parameters) p.ZeroGrad();
            Loss(parameters).Backward();
            foreach (var (p, loop) in parameters.Zip(loops))
            {
                double[] w = p.Value.ToArray<double>();
                loop(w, p.Grad!.ToArray<double>(), step);
                p.CopyFrom(Tensor.From(w, p.Shape, TestDevices.Reference));
            }
        }
        Assert.That(Run(make).SelectMany(p => p), Is.EqualTo(parameters.SelectMany(p => p.Value.ToArray<double>())).Within(1e-9));
    }

    private static List<double[]> Run(Func<IEnumerable<Parameter>, Optimizer> make)
    {
        var parameters = Start();
        var optimizer = make(parameters);
        for (int step = 0; step < 100; step++)
        {
            optimizer.ZeroGrad();
            Loss(parameters).Backward();
            optimizer.Step();
        }
        return [.. parameters.Select(p => p.Value.ToArray<double>())];
    }

    private static Parameter[] Start() => [New("w1", 0, [4, 3]), New("b1", 1, [4]), New("w2", 2, [2, 4]), New("b2", 3, [2])];

    private static Tensor Loss(Parameter[] p)
        => Numbers(4, [8, 3]).MatMul(p[0], p[1], transposeOther: true).Tanh().MatMul(p[2], p[3], transposeOther: true).MeanSquaredError(Numbers(5, [8, 2]));

    private static Parameter New(string name, int seed, Shape shape) => new(name, Numbers(seed, shape));

    private static Tensor Numbers(int seed, Shape shape)
        => Tensor.From([.. Enumerable.Range(0, shape.Count).Select(i => Math.Sin(1.7 * i + 0.9 * seed + 0.3))], shape, TestDevices.Reference);
}
