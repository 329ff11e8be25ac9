namespace Engine.Layers;

/// <summary>CIFAR-10 and CIFAR-100 in their binary layout: records of one label byte (CIFAR-100: two, the coarse class and the fine one), then 3·1024
/// bytes, an image's red, green and blue planes of 32×32. Files may be compressed by gzip.</summary>
/// <remarks>Source: https://www.cs.toronto.edu/~kriz/cifar.html, "binary version".</remarks>
public static class CifarFiles
{
    private const int Side = 32, Channels = 3, Image = Channels * Side * Side, Fine = 100, Coarse = 20, Classes10 = 10, Step = 1000;

    /// <summary>CIFAR-10's training files.</summary>
    public static IReadOnlyList<string> TrainNames10 { get; } = [.. Enumerable.Range(1, 5).Select(i => $"data_batch_{i}.bin")];

    /// <summary>CIFAR-10's test file.</summary>
    public static string TestName10 => "test_batch.bin";

    /// <summary>CIFAR-100's training file.</summary>
    public static string TrainName100 => "train.bin";

    /// <summary>CIFAR-100's test file.</summary>
    public static string TestName100 => "test.bin";

    /// <summary>The images of some of CIFAR-10's files, one after another, (3, 32, 32) in 10 classes.</summary>
    /// <exception cref="DataFormatException">A file ends within a record or is empty, is damaged, or has a label that is no class.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static LabelledImages Read10(params ReadOnlySpan<string> paths) => Read(paths, 1, 0);

    /// <summary>The images of some of CIFAR-100's files, one after another, (3, 32, 32).</summary>
    /// <param name="coarse">The 20 coarse classes rather than the 100 fine ones.</param>
    /// <param name="paths">The files.</param>
    /// <inheritdoc cref="Read10"/>
    public static LabelledImages Read100(bool coarse = false, params ReadOnlySpan<string> paths) => Read(paths, 2, coarse ? 0 : 1);

    /// <summary>CIFAR-10 from a folder that has the publisher's archive, or its six files, by themselves or in cifar-10-batches-bin.</summary>
    /// <exception cref="FileNotFoundException">The folder has none of them.</exception>
    /// <inheritdoc cref="Read10"/>
    public static (LabelledImages Train, LabelledImages Test) ReadFolder10(string folder) => ReadFolder(folder, DatasetCatalog.Cifar10, 1, 0);

    /// <summary>CIFAR-100 from a folder that has the publisher's archive, or its two files, by themselves or in cifar-100-binary.</summary>
    /// <param name="folder">Which.</param>
    /// <param name="coarse">The 20 coarse classes rather than the 100 fine ones.</param>
    /// <exception cref="FileNotFoundException">The folder has none of them.</exception>
    /// <inheritdoc cref="Read10"/>
    public static (LabelledImages Train, LabelledImages Test) ReadFolder100(string folder, bool coarse = false)
        => ReadFolder(folder, DatasetCatalog.Cifar100, 2, coarse ? 0 : 1);

    private static (LabelledImages Train, LabelledImages Test) ReadFolder(string folder, PublishedDataset data, int labels, int label)
    {
        foreach (var names in data.Unpacked)
        {
            string[] paths = [.. names.Select(name => Path.Combine(folder, name))];
            if (paths.All(File.Exists)) return (Read(paths.AsSpan()[..^1], labels, label), Read(paths.AsSpan()[^1..], labels, label));
        }
        string archive = Path.Combine(folder, data.Files[0].Name);
        if (!File.Exists(archive)) throw new FileNotFoundException($"The folder {folder} has neither {data.Files[0].Name} nor {string.Join(", ", data.Unpacked[0])}.");
        return ReadArchive(archive, data.Unpacked[0], labels, label);
    }

    private static (LabelledImages Train, LabelledImages Test) ReadArchive(string archive, IReadOnlyList<string> names, int labels, int label)
    {
        var found = new Dictionary<string, Records>();
        foreach (var (path, _, data) in TarFiles.Read(archive))
        {
            string name = path[(path.LastIndexOf('/') + 1)..];
            if (!names.Contains(name)) continue;
            var records = new Records(labels, label);
            records.Add($"{archive}:{name}", data);
            found[name] = records;
        }
        if (names.FirstOrDefault(name => !found.ContainsKey(name)) is { } lacking) throw new DataFormatException(archive, 0, $"it lacks {lacking}. It is another archive, or was cut short.");
        var train = new Records(labels, label);
        foreach (string name in names.SkipLast(1)) train.Add(found[name]);
        return (train.ToImages(), found[names[^1]].ToImages());
    }

    private static LabelledImages Read(ReadOnlySpan<string> paths, int labels, int label)
    {
        if (paths.IsEmpty) throw new ArgumentException("Name at least one file.", nameof(paths));
        var records = new Records(labels, label);
        foreach (string path in paths)
        {
            using var stream = new DataStream(path);
            records.Add(path, stream);
        }
        return records.ToImages();
    }

    /// <summary>Images that are being gathered.</summary>
    private sealed class Records(int labelBytes, int label)
    {
        private readonly int classes = labelBytes == 1 ? Classes10 : label == 0 ? Coarse : Fine;
        private byte[] pixels = new byte[Step * Image], labels = new byte[Step];
        private int count;

        public void Add(string file, Stream stream)
        {
            Span<byte> head = stackalloc byte[labelBytes];
            for (int i = 0; ; i++)
            {
                long at = i * (long)(labelBytes + Image);
                int got = stream.ReadAtLeast(head, labelBytes, throwOnEndOfStream: false);
                if (got == 0 && i > 0) return;
                Grow(count + 1);
                if (got == labelBytes) got += stream.ReadAtLeast(pixels.AsSpan(count * Image, Image), Image, throwOnEndOfStream: false);
                if (got < labelBytes + Image)
                    throw new DataFormatException(file, at + got, $"the file ends within record {i}; each has {labelBytes + Image} bytes. It was cut short, or is not CIFAR-{(labelBytes == 1 ? "10" : "100")} in its binary layout.");
                if (head[label] >= classes) throw new DataFormatException(file, at + label, $"the label of record {i} is {head[label]}, and there are {classes} classes. It is damaged, or is of another set.");
                labels[count++] = head[label];
            }
        }

        public void Add(Records others)
        {
            Grow(count + others.count);
            others.pixels.AsSpan(0, others.count * Image).CopyTo(pixels.AsSpan(count * Image));
            others.labels.AsSpan(0, others.count).CopyTo(labels.AsSpan(count));
            count += others.count;
        }

        public LabelledImages ToImages() => new(pixels[..(count * Image)], labels[..count], Channels, Side, Side);

        private void Grow(int images)
        {
            if (images <= labels.Length) return;
            int room = (int)Math.Max(images, Math.Min(2L * labels.Length, Array.MaxLength / Image));
            Array.Resize(ref pixels, checked(room * Image));
            Array.Resize(ref labels, room);
        }
    }
}
