using System.Globalization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Engine.Peers;

/// <summary>The parameters of a small net after 100 steps of each optimizer that TorchSharp has, in double.</summary>
internal static class OptimizerPaths
{
    public static void Print()
    {
        Print("Sgd", p => optim.SGD(p, 0.05));
        Print("Sgd, momentum, decay", p => optim.SGD(p, 0.05, momentum: 0.9, weight_decay: 0.01));
        Print("Sgd, Nesterov", p => optim.SGD(p, 0.05, momentum: 0.9, nesterov: true));
        Print("RmsProp", p => optim.RMSProp(p, 0.01, weight_decay: 0.01));
        Print("RmsProp, momentum", p => optim.RMSProp(p, 0.005, momentum: 0.8));
        Print("RmsProp, centered", p => optim.RMSProp(p, 0.01, centered: true));
        Print("RmsProp, momentum, centered", p => optim.RMSProp(p, 0.005, momentum: 0.8, centered: true));
        Print("Adagrad", p => optim.Adagrad(p, 0.1, lr_decay: 0.01, weight_decay: 0.01, initial_accumulator_value: 0.1));
        Print("Adadelta", p => optim.Adadelta(p, 1, weight_decay: 0.01));
        Print("Adam", p => optim.Adam(p, 0.02, weight_decay: 0.01));
        Print("Adam, amsgrad", p => optim.Adam(p, 0.02, amsgrad: true));
        Print("AdamW", p => optim.AdamW(p, 0.02, weight_decay: 0.1));
        Print("AdamW, amsgrad", p => optim.AdamW(p, 0.02, weight_decay: 0.1, amsgrad: true));
        Print("Adamax", p => optim.Adamax(p, 0.02, weight_decay: 0.01));
        Print("NAdam", p => optim.NAdam(p, 0.02, weight_decay: 0.01));
    }

    private static void Print(string name, Func<IEnumerable<Parameter>, optim.Optimizer> make)
    {
        using var scope = NewDisposeScope();
        Parameter[] p = [New(0, 4, 3), New(1, 4), New(2, 2, 4), New(3, 2)];
        Torch x = tensor(Numbers(4, 24), [8, 3]), y = tensor(Numbers(5, 16), [8, 2]);
        var optimizer = make(p);
        for (int step = 0; step < 100; step++)
        {
            optimizer.zero_grad();
            var output = nn.functional.linear(nn.functional.linear(x, p[0], p[1]).tanh(), p[2], p[3]);
            (output - y).square().mean().backward();
            optimizer.step();
        }
        string numbers = string.Join(' ', p.SelectMany(t => t.data<double>()).Select(v => v.ToString("F9", CultureInfo.InvariantCulture)));
        Console.WriteLine($"        [\"{name}\"] = \"{numbers}\",");
    }

    private static Parameter New(int seed, params long[] shape)
        => new(tensor(Numbers(seed, (int)shape.Aggregate(1L, (a, b) => a * b)), shape));

    private static double[] Numbers(int seed, int count) => [.. Enumerable.Range(0, count).Select(i => Math.Sin(1.7 * i + 0.9 * seed + 0.3))];
}
