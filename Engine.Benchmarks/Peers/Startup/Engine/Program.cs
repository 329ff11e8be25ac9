using System.Diagnostics;
using System.Globalization;
using Engine.Core;
using Engine.Examples;
using Engine.Layers;
using Engine.Peers;

// WEIGHTS: the article's CNN with the weights of a safetensors file; its first score of one image, and then the peak of memory in bytes.
// WEIGHTS SECONDS: the median milliseconds of its training steps, 32 images each, over so long, after as long a warm-up.
var model = CnnModel.Build(new Rng(1));
model.LoadWeights(args[0]);
if (args is [_, var given])
{
    var limit = TimeSpan.FromSeconds(double.Parse(given, CultureInfo.InvariantCulture));
    Steps(limit);
    Console.WriteLine(Steps(limit).ToString("R", CultureInfo.InvariantCulture));
    return;
}
Console.WriteLine(model.Predict(Tensor.Full([1, 1, 28, 28], 0.5)).ToArray()[0].ToString("R", CultureInfo.InvariantCulture));
Console.WriteLine(PeakMemory.Bytes().ToString(CultureInfo.InvariantCulture));

double Steps(TimeSpan limit)
{
    const int Batch = 32;
    var rng = new Rng(1);
    Tensor x = Tensor.Uniform([Batch, 1, 28, 28], rng), y = Tensor.From([.. Enumerable.Range(0, Batch).Select(i => i * 7 % 10)], [Batch]);
    var optimizer = new Adam(model.Parameters);
    var times = new List<double>();
    for (var total = Stopwatch.StartNew(); total.Elapsed < limit;)
    {
        var watch = Stopwatch.StartNew();
        using (x.Device.Scope("a step"))
        {
            optimizer.ZeroGrad();
            var loss = model.Forward(x, Pass.Train(rng)).CrossEntropy(y);
            loss.Backward();
            optimizer.Step();
            loss.Item();
        }
        times.Add(watch.Elapsed.TotalMilliseconds);
    }
    times.Sort();
    return times[times.Count / 2];
}
