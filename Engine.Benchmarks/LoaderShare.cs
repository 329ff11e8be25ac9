using System.Diagnostics;
using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Benchmarks;

/// <summary>What its images cost a training step: the share of it that waits for them, and the speed that a loader's threads take from the kernels. The
/// README's network on batches of 32 of Fashion-MNIST, flipped, shifted, cut out and normalised; drawn digits where that is not here.</summary>
public static class LoaderShare
{
    private const int BatchSize = 32, Warmup = 60, Block = 100, Most = 20_000;

    /// <param name="blocks">Times that each way takes 100 steps, in turn with the others, so that what else the machine does falls on all alike.</param>
    public static void Print(int blocks)
    {
        var folders = new DataFolders();
        var images = (folders.Find(DatasetCatalog.FashionMnist) is { } folder ? ImageFiles.Read(folder).Train : DrawnDigits.Draw(Most, new Rng(1))).Take(Most);
        Augmentation[] augmentations = [new RandomHorizontalFlip(), new RandomCrop(28, 28, padding: 2), new Cutout(8), new Normalize([.286f], [.353f])];
        Console.WriteLine($"{images.Count:N0} images from {folders.Find(DatasetCatalog.FashionMnist) ?? "drawn digits"}, {Environment.ProcessorCount} cores, {blocks * Block} steps each after {Warmup}; load {Load()}");
        using var device = new CpuDevice();
        Make(images, new ImageCollator(augmentations));   // compiled
        Console.WriteLine("a batch made by the caller, µs an image, the fastest tenth: " + string.Join(", ", augmentations.Select(one => Share(one.GetType().Name, one)).Append(Share("all", augmentations)).Prepend(Share("none"))));
        string Share(string name, params Augmentation[] some) => $"{name} {Make(images, new ImageCollator(some)) * 1000 / BatchSize:F2}";

        var step = ArticleStep.Cnn(device, BatchSize);
        var collator = new ImageCollator(augmentations);
        Way[] ways =
        [
            new("made beforehand", new Ready(new DataLoader<LabelledImage>(images, collator, BatchSize, shuffle: true, dropLast: true))),
            .. new[] { 0, 1, 2 }.Select(workers
                => new Way($"{workers} workers", new DataLoader<LabelledImage>(images, collator, BatchSize, shuffle: true, dropLast: true, workers: workers))),
        ];
        foreach (var way in ways) way.Take(step, device, Warmup, count: false);
        for (int block = 0; block < blocks; block++)
            for (int i = 0; i < ways.Length; i++) ways[(block + i) % ways.Length].Take(step, device, Block, count: true);
        double alone = Median(ways[0].Steps);
        foreach (var way in ways)
        {
            double median = Median(way.Steps);
            Console.WriteLine($"{way.Name,-16} step, median {median,7:F3} ms, mean {way.Steps.Average(),7:F3} ms; waiting {way.Waits.Sum() / way.Steps.Sum(),6:P2} of all, median {Median(way.Waits) / median,6:P2}; speed {alone / median - 1,7:+0.0%;-0.0%} against those made beforehand");
        }
        Console.WriteLine($"load {Load()}");
        foreach (var way in ways) way.Dispose();
    }

    /// <summary>Milliseconds for a batch, on the caller's thread, the copy to the device included.</summary>
    private static double Make(LabelledImages images, ImageCollator collator)
    {
        using var device = new CpuDevice();
        var loader = new DataLoader<LabelledImage>(images, collator, BatchSize, shuffle: true, dropLast: true);
        var times = new List<double>();
        for (int epoch = 0; epoch < 3; epoch++)
        {
            using var batches = loader.Epoch(epoch, device).GetEnumerator();
            while (true)
            {
                using var scope = device.Scope("a batch");
                long start = Stopwatch.GetTimestamp();
                if (!batches.MoveNext()) break;
                times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
        }
        return times.Order().ElementAt(times.Count / 10);
    }

    private static double Median(IEnumerable<double> times)
    {
        double[] sorted = [.. times.Order()];
        return sorted[sorted.Length / 2];
    }

    private static string Load() => OperatingSystem.IsLinux() ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";

    /// <summary>The batches of a loader's first epoch, made before anybody asks, in ordinary memory.</summary>
    private sealed class Ready : IBatches
    {
        private readonly (float[] X, Shape Shape, int[] Classes)[] batches;

        public Ready(DataLoader<LabelledImage> loader)
        {
            using var device = new CpuDevice(1);
            batches = [.. loader.Epoch(0, device).Select(batch => (batch.Inputs.ToArray(), batch.Inputs.Shape, batch.Targets.ToArray<int>()))];
        }

        public int? Count => null;

        public int? BatchCount => batches.Length;

        public IEnumerable<Batch> Epoch(int epoch, Device device, int skip = 0, CancellationToken cancel = default)
            => batches.Skip(skip).Select(batch => new Batch(Tensor.From(batch.X, batch.Shape, device), Tensor.From(batch.Classes, [batch.Classes.Length], device)));
    }

    /// <summary>A way to get batches, and the times of its steps in milliseconds.</summary>
    private sealed class Way(string name, IBatches data) : IDisposable
    {
        private IEnumerator<Batch>? batches;
        private int epoch;

        public string Name => name;

        public List<double> Steps { get; } = [];

        public List<double> Waits { get; } = [];

        public void Take(ArticleStep step, Device device, int steps, bool count)
        {
            for (int i = 0; i < steps; i++)
            {
                long start = Stopwatch.GetTimestamp();
                using var scope = device.Scope("the step");
                while (batches?.MoveNext() != true)
                {
                    batches?.Dispose();
                    batches = data.Epoch(epoch++, device).GetEnumerator();
                }
                double wait = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
                step.Train(batches.Current.Inputs, batches.Current.Targets);
                if (!count) continue;
                Steps.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                Waits.Add(wait);
            }
        }

        public void Dispose() => batches?.Dispose();
    }
}
