using System.Diagnostics;
using System.Globalization;
using Engine.Core;
using Engine.Examples;
using Engine.Layers;
using Engine.Peers;

// WEIGHTS: the article's CNN with the weights of a safetensors file; its first score of one image, and then the peak of memory in bytes.
// WEIGHTS SECONDS: trains it for so long, 32 images a step, and writes a line; then for each line that it reads, a turn's seconds, the median seconds
// of the turn's steps.
var model = CnnModel.Build(new Rng(1));
model.LoadWeights(args[0]);
if (args is [_, var warmUp])
{
    var step = TrainingStep();
    Steps(step, warmUp);
    Console.WriteLine("warm");
    using var turns = new StreamReader(Console.OpenStandardInput());
    while (turns.ReadLine() is { } turn) Console.WriteLine(Steps(step, turn).ToString("R", CultureInfo.InvariantCulture));
    return;
}
Console.WriteLine(model.Predict(Tensor.Full([1, 1, 28, 28], 0.5)).ToArray()[0].ToString("R", CultureInfo.InvariantCulture));
Console.WriteLine(PeakMemory.Bytes().ToString(CultureInfo.InvariantCulture));

Action TrainingStep()
{
    const int Batch = 32;
    var rng = new Rng(1);
    Tensor x = Tensor.Uniform([Batch, 1, 28, 28], rng), y = Tensor.From([.. Enumerable.Range(0, Batch).Select(i => i * 7 % 10)], [Batch]);
    var optimizer = new Adam(model.Parameters);
    return () =>
    {
        using var scope = x.Device.Scope("a step");
        optimizer.ZeroGrad();
        var loss = model.Forward(x, Pass.Train(rng)).CrossEntropy(y);
        loss.Backward();
        optimizer.Step();
        loss.Item();
    };
}

static double Steps(Action step, string seconds)
{
    var limit = TimeSpan.FromSeconds(double.Parse(seconds, CultureInfo.InvariantCulture));
    var times = new List<double>();
    for (var total = Stopwatch.StartNew(); total.Elapsed < limit;)
    {
        var watch = Stopwatch.StartNew();
        step();
        times.Add(watch.Elapsed.TotalSeconds);
    }
    times.Sort();
    return times[times.Count / 2];
}
