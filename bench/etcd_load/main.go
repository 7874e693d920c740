// Load on an etcd cluster, told what to do by lines on stdin as cluster_node.cc
// is, and answering in the same form.
//
//	etcd_load CONNECTIONS ENDPOINT
package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"go.etcd.io/etcd/clientv3"
)

const (
	// As in cluster_node.cc.
	putKeys     = 100000
	callTimeout = 10 * time.Second
)

func keyOf(number uint64) string {
	return fmt.Sprintf("key%013d", number)
}

// What one run does.
type load struct {
	clients    []*clientv3.Client
	inFlight   int
	end        time.Time
	operations uint64
	call       func(client *clientv3.Client, number uint64) error
}

// One of those that are in flight: the next call when the last has returned.
func (l *load) runOne(slot int, next *uint64) ([]time.Duration, error) {
	client := l.clients[slot%len(l.clients)]
	var latencies []time.Duration
	for {
		number := atomic.AddUint64(next, 1) - 1
		begin := time.Now()
		if number >= l.operations || begin.After(l.end) {
			return latencies, nil
		}
		if err := l.call(client, number); err != nil {
			return latencies, err
		}
		latencies = append(latencies, time.Since(begin))
	}
}

func voluntarySwitches() int64 {
	var usage syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return usage.Nvcsw
}

func (l *load) run() (string, error) {
	all := make([][]time.Duration, l.inFlight)
	errors := make([]error, l.inFlight)
	var next uint64
	var running sync.WaitGroup
	switches := voluntarySwitches()
	begin := time.Now()
	for slot := range all {
		running.Add(1)
		go func(slot int) {
			defer running.Done()
			all[slot], errors[slot] = l.runOne(slot, &next)
		}(slot)
	}
	running.Wait()
	seconds := time.Since(begin).Seconds()
	switches = voluntarySwitches() - switches
	var latencies []time.Duration
	for slot := range all {
		if errors[slot] != nil {
			return "", errors[slot]
		}
		latencies = append(latencies, all[slot]...)
	}
	if len(latencies) == 0 {
		return "", fmt.Errorf("nothing was done")
	}
	sort.Slice(latencies, func(a, b int) bool {
		return latencies[a] < latencies[b]
	})
	micros := func(latency time.Duration) float64 {
		return float64(latency.Nanoseconds()) / 1000
	}
	count := len(latencies)
	return fmt.Sprintf(
		"operations=%d seconds=%.6f per_second=%.1f p50_us=%.1f "+
			"p99_us=%.1f max_us=%.1f waits=%d",
		count, seconds, float64(count)/seconds, micros(latencies[count/2]),
		micros(latencies[count*99/100]), micros(latencies[count-1]),
		switches), nil
}

func put(value string) func(*clientv3.Client, uint64) error {
	return func(client *clientv3.Client, number uint64) error {
		ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
		defer cancel()
		_, err := client.Put(ctx, keyOf(number%putKeys), value)
		return err
	}
}

// As a row of the first `rows`, spread over all of them.
func rowOf(number, rows uint64) uint64 {
	return (number * 0x9E3779B97F4A7C15 >> 32) % rows
}

func get(rows uint64,
	options ...clientv3.OpOption) func(*clientv3.Client, uint64) error {
	return func(client *clientv3.Client, number uint64) error {
		ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
		defer cancel()
		key := keyOf(rowOf(number, rows))
		answer, err := client.Get(ctx, key, options...)
		if err == nil && len(answer.Kvs) != 1 {
			return fmt.Errorf("no such key: %s", key)
		}
		return err
	}
}

func obey(clients []*clientv3.Client, line string) (string, error) {
	l := load{clients: clients, operations: ^uint64(0)}
	var seconds float64
	var size, rows int
	var level string
	if n, _ := fmt.Sscanf(line, "put %d %g %d", &l.inFlight, &seconds,
		&size); n == 3 {
		l.call = put(strings.Repeat("v", size))
	} else if n, _ := fmt.Sscanf(line, "fill %d %d", &rows, &size); n == 2 {
		l.inFlight, seconds, l.operations = 64, 60, uint64(rows)
		l.call = put(strings.Repeat("v", size))
	} else if n, _ := fmt.Sscanf(line, "get %s %d %g %d", &level, &l.inFlight,
		&seconds, &rows); n == 4 && level == "linearizable" && rows > 0 {
		l.call = get(uint64(rows))
	} else if n == 4 && level == "local" && rows > 0 {
		l.call = get(uint64(rows), clientv3.WithSerializable())
	} else {
		return "", fmt.Errorf("cannot do: %s", line)
	}
	l.end = time.Now().Add(time.Duration(seconds * float64(time.Second)))
	return l.run()
}

func connect(connections int, endpoint string) ([]*clientv3.Client, error) {
	var clients []*clientv3.Client
	for i := 0; i < connections; i++ {
		client, err := clientv3.New(clientv3.Config{
			Endpoints:   []string{endpoint},
			DialTimeout: callTimeout,
		})
		if err != nil {
			return nil, err
		}
		clients = append(clients, client)
	}
	return clients, nil
}

func main() {
	var connections int
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "etcd_load CONNECTIONS ENDPOINT")
		os.Exit(2)
	}
	if n, _ := fmt.Sscan(os.Args[1], &connections); n != 1 || connections < 1 {
		fmt.Fprintln(os.Stderr, "CONNECTIONS is not a number")
		os.Exit(2)
	}
	clients, err := connect(connections, os.Args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		answer, err := obey(clients, lines.Text())
		if err != nil {
			answer = "error: " + strings.ReplaceAll(err.Error(), "\n", " ")
		}
		fmt.Println(answer)
	}
}
