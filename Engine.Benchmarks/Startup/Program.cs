using System.Diagnostics;
using System.Globalization;
using Engine.Core;
using Engine.Examples;
using Engine.Kernels;
using Engine.Layers;

// save FILE | predict FILE | train [steps] | starts RUNS PROGRAM ARGUMENTS...
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
switch (args)
{
    case ["save", var file]:
        CnnModel.Build(new Rng(1)).SaveWeights(file);
        return 0;
    case ["predict", var file]:
        var model = CnnModel.Build(new Rng(2));
        model.LoadWeights(file);
        var (image, _) = DrawnDigits.Draw(1, new Rng(3)).Batch([0]);
        Console.WriteLine($"class {model.Predict(image).ArgMax(1).Item()}");
        return 0;
    case ["train", .. var rest]:
        Console.WriteLine($"{TrainingStep(rest.Length > 0 ? int.Parse(rest[0]) : 300):F3} ms a step, {Device.Cpu}");
        return 0;
    case ["starts", var runs, var program, .. var arguments]:
        double[] times = [.. Enumerable.Range(0, int.Parse(runs)).Select(_ => Start(program, arguments)).Order()];
        Console.WriteLine($"{times[times.Length / 2]:F1} ms from start to end, median of {times.Length}; least {times[0]:F1}");
        return 0;
    default:
        Console.Error.WriteLine("save FILE | predict FILE | train [steps] | starts RUNS PROGRAM ARGUMENTS...");
        return 2;
}

// The least of several medians of a training step on 32 images: what the machine does while others leave it alone.
static double TrainingStep(int steps)
{
    var rng = new Rng(1);
    var model = CnnModel.Build(rng);
    var optimizer = CnnModel.Optimizer(model);
    var (x, classes) = DrawnDigits.Draw(32, new Rng(2)).Batch([.. Enumerable.Range(0, 32)]);
    double best = double.MaxValue;
    for (int block = 0; block < 10; block++)
    {
        var times = new List<double>();
        for (int step = 0; step < steps / 10; step++)
        {
            long start = Stopwatch.GetTimestamp();
            using (Device.Cpu.Scope("the training step"))
            {
                var loss = model.Forward(x, Pass.Train(rng)).CrossEntropy(classes);
                loss.Backward();
                optimizer.Step();
                optimizer.ZeroGrad();
                loss.Item();
            }
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        times.Sort();
        best = Math.Min(best, times[times.Count / 2]);
    }
    return best;
}

static double Start(string program, string[] arguments)
{
    long start = Stopwatch.GetTimestamp();
    using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
    process.StandardOutput.ReadToEnd();
    process.WaitForExit();
    if (process.ExitCode != 0) throw new InvalidOperationException($"{program} ended with {process.ExitCode}.");
    return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
}
